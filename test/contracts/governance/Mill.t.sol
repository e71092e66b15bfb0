// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Mill} from "../../../contracts/governance/Mill.sol";
import {Test} from "../helpers/Test.sol";
import {vm} from "../helpers/Vm.sol";

contract MillTest is Test {
    Mill private _mill;
    address private _holder;
    uint256 private _key;

    function setUp() external {
        (_holder, _key) = makeAccount("holder");
        _mill = new Mill(_holder);
    }

    function test_mill_isAllTheHolders() external view {
        assertEq(_mill.name(), "Millrace");
        assertEq(_mill.symbol(), "MILL");
        assertEq(_mill.decimals(), 18);
        assertEq(_mill.totalSupply(), 1_000_000_000e18);
        assertEq(_mill.balanceOf(_holder), 1_000_000_000e18);
    }

    function test_permit_approves() external {
        bytes32 typeHash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        // Written out, so that a change of the domain, and with it of every wallet's prompt, is noticed.
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Millrace"),
                keccak256("1"),
                block.chainid,
                address(_mill)
            )
        );
        bytes32 structHash = keccak256(abi.encode(typeHash, _holder, address(this), 7, 0, block.timestamp));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
        _mill.permit(_holder, address(this), 7, block.timestamp, v, r, s);
        assertEq(_mill.allowance(_holder, address(this)), 7);
    }
}
