// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice A contract wallet that takes its owner's signatures for its own, as Safe and others do.
contract Wallet is IERC1271 {
    address public immutable owner;

    constructor(address owner_) {
        owner = owner_;
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes memory signature) external view virtual returns (bytes4) {
        (address signer, ECDSA.RecoverError failure, ) = ECDSA.tryRecover(hash, signature);
        bool ok = failure == ECDSA.RecoverError.NoError && signer == owner;
        return ok ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @notice What a hostile wallet does when it is asked about a signature. The spoilt ones would all say yes.
enum WalletMode {
    Accept,
    Refuse,
    Revert,
    /// Says yes in fewer bytes than a word.
    Short,
    /// Says yes, and something more in the same word.
    Dirty,
    /// Says yes at the head of as much as its gas affords.
    Blob,
    /// Says yes, and fails.
    RevertingWord,
    /// Fails with as much as its gas affords.
    RevertingBlob,
    BurnGas,
    /// Calls `target` first, then says yes whatever came of it.
    Reenter,
    /// Says yes if that call went through.
    ReenterOrRefuse
}

/// @notice A wallet that says yes to anything, in any manner.
contract HostileWallet is IERC1271 {
    WalletMode public mode;
    address private _target;
    bytes private _call;

    function setMode(WalletMode next) external {
        mode = next;
    }

    function arm(WalletMode next, address target, bytes calldata call) external {
        (mode, _target, _call) = (next, target, call);
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32, bytes memory) external view returns (bytes4) {
        bytes32 magic = IERC1271.isValidSignature.selector;
        if (mode == WalletMode.Refuse) return 0xffffffff;
        if (mode == WalletMode.Revert) revert();
        if (mode == WalletMode.BurnGas) while (true) {}
        if (mode == WalletMode.Reenter || mode == WalletMode.ReenterOrRefuse) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool passed, ) = _target.staticcall(_call);
            return passed || mode == WalletMode.Reenter ? bytes4(magic) : bytes4(0xffffffff);
        }
        uint256 length = 32;
        if (mode == WalletMode.Short) length = 31;
        if (mode == WalletMode.Dirty) magic |= bytes32(uint256(1));
        // What 100,000 gas affords of memory.
        if (mode == WalletMode.Blob || mode == WalletMode.RevertingBlob) length = 175_000;
        bool reverts = mode == WalletMode.RevertingBlob || mode == WalletMode.RevertingWord;
        // solhint-disable-next-line no-inline-assembly
        assembly {
            mstore(0, magic)
            if reverts {
                revert(0, length)
            }
            return(0, length)
        }
    }
}
