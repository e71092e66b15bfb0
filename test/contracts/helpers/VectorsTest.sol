// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "./Test.sol";
import {vm} from "./Vm.sol";

/// @title Base of the tests that read protocol/vectors
/// @notice The same files are read by test/protocol, in TypeScript.
abstract contract VectorsTest is Test {
    string internal json;

    function load(string memory name) internal {
        json = vm.readFile(string.concat("protocol/vectors/", name, ".json"));
    }

    /// @notice How many elements the list at `key` has.
    function lengthOf(string memory key) internal view returns (uint256 length) {
        while (vm.keyExistsJson(json, item(key, length))) length++;
    }

    /// @notice The key of one element of the list at `key`.
    function item(string memory key, uint256 index) internal pure returns (string memory) {
        return string.concat(key, "[", vm.toString(index), "]");
    }

    function readUint(string memory key, string memory field) internal view returns (uint256) {
        return vm.parseJsonUint(json, string.concat(key, field));
    }

    function readHash(string memory key, string memory field) internal view returns (bytes32) {
        return vm.parseJsonBytes32(json, string.concat(key, field));
    }

    function readHashes(string memory key, string memory field) internal view returns (bytes32[] memory) {
        return vm.parseJsonBytes32Array(json, string.concat(key, field));
    }

    /// @notice The object at `key`, whose fields are value types in the order of a struct, encoded as that struct.
    function readStruct(string memory key) internal view returns (bytes memory encoded) {
        string[] memory fields = vm.parseJsonKeys(json, key);
        for (uint256 i = 0; i < fields.length; i++) {
            encoded = bytes.concat(encoded, bytes32(readUint(key, string.concat(".", fields[i]))));
        }
    }
}
