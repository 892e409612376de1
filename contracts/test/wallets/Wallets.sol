// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What a wallet contract can say when asked whether it signed (ERC-1271), for tests.
abstract contract Wallet {
    bytes32 internal constant YES = bytes32(bytes4(0x1626ba7e));

    /// @notice A wallet does what its owner wants: approve, cancel, whatever.
    function execute(address target, bytes calldata data) external returns (bytes memory result) {
        bool done;
        (done, result) = target.call(data);
        require(done, "the call failed");
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external virtual returns (bytes4);

    function answer(bytes32 word, uint256 length) internal pure {
        assembly {
            mstore(0x00, word)
            mstore(0x20, word)
            return(0x00, length)
        }
    }
}

/// @notice Signs with a key: 64 bytes (ERC-2098), or 65 and whatever follows.
contract GoodWallet is Wallet {
    address private immutable signer;

    constructor(address signer_) {
        signer = signer_;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view override returns (bytes4) {
        if (signature.length < 64) return 0;
        bytes32 r = bytes32(signature[:32]);
        uint256 s = uint256(bytes32(signature[32:64]));
        uint8 v = signature.length > 64 ? uint8(signature[64]) : uint8(27 + (s >> 255));
        if (signature.length == 64) s &= type(uint256).max >> 1;
        return ecrecover(digest, v, r, bytes32(s)) == signer ? bytes4(YES) : bytes4(0);
    }
}

/// @notice Signed one digest, whatever is shown, until it changes its mind.
contract MoodyWallet is Wallet {
    mapping(bytes32 digest => bool) public signed;

    function setSigned(bytes32 digest, bool is_) external {
        signed[digest] = is_;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view override returns (bytes4) {
        return signed[digest] ? bytes4(YES) : bytes4(0xffffffff);
    }
}

contract RefusingWallet is Wallet {
    function isValidSignature(bytes32, bytes calldata) external pure override returns (bytes4) {
        return 0xffffffff;
    }
}

/// @notice A number that is not the answer asked for: `true`.
contract AnotherAnswerWallet is Wallet {
    function isValidSignature(bytes32, bytes calldata) external pure override returns (bytes4) {
        answer(bytes32(uint256(1)), 32);
    }
}

/// @notice The answer asked for, and bits behind it in the same word.
contract DirtyAnswerWallet is Wallet {
    function isValidSignature(bytes32, bytes calldata) external pure override returns (bytes4) {
        answer(YES | bytes32(uint256(1)), 32);
    }
}

/// @notice The answer asked for in 31 bytes.
contract ShortAnswerWallet is Wallet {
    function isValidSignature(bytes32, bytes calldata) external pure override returns (bytes4) {
        answer(YES, 31);
    }
}

/// @notice The answer asked for, twice.
contract LongAnswerWallet is Wallet {
    function isValidSignature(bytes32, bytes calldata) external pure override returns (bytes4) {
        answer(YES, 64);
    }
}

/// @notice Reverts with the answer asked for.
contract RevertingWallet is Wallet {
    function isValidSignature(bytes32, bytes calldata) external pure override returns (bytes4) {
        bytes32 yes = YES;
        assembly {
            mstore(0x00, yes)
            revert(0x00, 0x20)
        }
    }
}

/// @notice Says yes, but changes state first.
contract WritingWallet is Wallet {
    uint256 private asked;

    function isValidSignature(bytes32, bytes calldata) external override returns (bytes4) {
        asked++;
        return bytes4(YES);
    }
}

/// @notice Uses up all gas that it is given.
contract BurningWallet is Wallet {
    function isValidSignature(bytes32, bytes calldata) external pure override returns (bytes4) {
        assembly {
            invalid()
        }
    }
}
