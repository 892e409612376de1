// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "./Vm.sol";

/// @notice The creation code of a contract of `src/`, as it was built there with the product's settings: what is tested is the
/// real bytecode, while the tests themselves are compiled as fast as can be.
function creationCode(string memory path, string memory name) view returns (bytes memory) {
    string memory file = string.concat(vm.projectRoot(), "/build/contracts/contracts/src/", path, "/", name, ".json");
    return vm.parseJsonBytes(vm.readFile(file), ".bytecode");
}

/// @notice Deploys it; zero if its constructor refuses.
function deploy(bytes memory code) returns (address made) {
    assembly {
        made := create(0, add(code, 0x20), mload(code))
    }
}

function deployRingSettlement() returns (address) {
    return deploy(creationCode("RingSettlement.sol", "RingSettlement"));
}
