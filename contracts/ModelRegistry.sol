// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ModelSpec} from "./types/ModelSpec.sol";

/// @title Published models
/// @notice Publishing is permissionless and stores nothing: the event is the record. Who publishes proves nothing about
/// a model; clients go by what they trust.
contract ModelRegistry {
    event ModelPublished(bytes32 indexed modelId, address indexed publisher, ModelSpec spec);

    /// @notice Announces a model. Anyone; repeating it is harmless.
    function publish(ModelSpec calldata spec) external returns (bytes32 modelId) {
        modelId = spec.modelId();
        emit ModelPublished(modelId, msg.sender, spec);
    }

    /// @notice The EIP-712 struct hash of `spec`.
    function modelIdOf(ModelSpec calldata spec) external pure returns (bytes32) {
        return spec.modelId();
    }
}
