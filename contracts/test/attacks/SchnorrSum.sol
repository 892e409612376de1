// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title One signature for the sum of several keys: cheap, and forgeable. Not for use
/// @notice What a settlement would do that aggregates auth keys: it adds the public keys that the orders name, and checks one Schnorr
/// signature (e, s) of the sum, with e = keccak(R, P, m) and R = s·G - e·P. The multiplication is the precompile's: recovering with
/// r = P.x, and -s·P.x as the message, gives the address of exactly that point. `rogue-key.test.ts` forges it.
contract SchnorrSum {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant FIELD = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f;

    struct Point {
        uint256 x;
        uint256 y;
    }

    /// @notice Whether (e, s) is a signature of the sum of these keys over the message.
    function accepts(Point[] calldata keys, bytes32 message, uint256 e, uint256 s) external view returns (bool) {
        Point memory sum = keys[0];
        for (uint256 i = 1; i < keys.length; i++) {
            sum = add(sum, keys[i]);
        }
        bytes32 zero = bytes32(ORDER - mulmod(s, sum.x, ORDER));
        bytes32 factor = bytes32(ORDER - mulmod(e, sum.x, ORDER));
        address commitment = ecrecover(zero, 27 + uint8(sum.y & 1), bytes32(sum.x), factor);
        if (commitment == address(0)) return false;
        return uint256(keccak256(abi.encode(commitment, sum.x, sum.y, message))) % ORDER == e;
    }

    /// @dev Two different points, neither the other's negative.
    function add(Point memory a, Point memory b) private view returns (Point memory sum) {
        uint256 slope = mulmod(addmod(b.y, FIELD - a.y, FIELD), inverse(addmod(b.x, FIELD - a.x, FIELD)), FIELD);
        sum.x = addmod(mulmod(slope, slope, FIELD), FIELD - addmod(a.x, b.x, FIELD), FIELD);
        sum.y = addmod(mulmod(slope, addmod(a.x, FIELD - sum.x, FIELD), FIELD), FIELD - a.y, FIELD);
    }

    /// @dev Fermat: to the power of the field's size less two, by the precompile.
    function inverse(uint256 value) private view returns (uint256) {
        (, bytes memory power) = address(5).staticcall(abi.encode(32, 32, 32, value, FIELD - 2, FIELD));
        return abi.decode(power, (uint256));
    }
}
