/**
 * What is called and what is told, as Solidity's interfaces have it. A test holds every line equal
 * to what the compiler made of the contracts.
 */
import { parseAbi } from "viem";

export const settlementAbi = parseAbi([
  "function submit(bytes rings)",
  "function cancel(uint96[] nonces)",
  "function cancelAll()",
  "function cancelFor(address owner, uint96[] nonces, uint40 deadline, bytes signature)",
  "function cancelAllFor(address owner, uint40 deadline, bytes signature)",
  "function filled(address owner, uint96 nonce) view returns (uint256)",
  "function epochOf(address owner) view returns (uint256)",
  "error Reentrant()",
  "error Malformed()",
  "error RingExpired(uint256 deadline)",
  "error FeeRecipientZero()",
  "error AmountZero(bytes32 orderHash)",
  "error SameToken(bytes32 orderHash)",
  "error AuthAddressZero(bytes32 orderHash)",
  "error SplitTooLarge(bytes32 orderHash)",
  "error OrderNotYetValid(bytes32 orderHash, uint256 validSince)",
  "error OrderExpired(bytes32 orderHash, uint256 validUntil)",
  "error EpochNotCurrent(bytes32 orderHash, uint256 epoch)",
  "error BadOwnerSignature(bytes32 orderHash)",
  "error RingSize(uint256 size)",
  "error SubRing(bytes32 orderHash)",
  "error RingBroken(bytes32 orderHash)",
  "error FillZero(bytes32 orderHash)",
  "error OrderCancelled(bytes32 orderHash)",
  "error Overfill(bytes32 orderHash, uint256 filledBefore, uint256 most)",
  "error FillTooSmall(bytes32 orderHash, uint256 amount)",
  "error LimitPrice(bytes32 orderHash)",
  "error RewardNotMiners(bytes32 orderHash)",
  "error BadAuthSignature(bytes32 orderHash)",
  "error BadMinerSignature(bytes32 ringHash)",
  "error ReceiverIsSettlement()",
  "error BadCancelSignature(address owner)",
  "error CancelExpired(uint256 deadline)",
  "error TransferFailed(address token, address from, address to, uint256 amount)",
  "error TransferNotExact(address token, address from, address to, uint256 amount)",
]);

export const tokenAbi = parseAbi([
  "constructor(string word)",
  "function name() view returns (string)",
  "function symbol() view returns (string)",
  "function decimals() view returns (uint8)",
  "function balanceOf(address account) view returns (uint256)",
  "function allowance(address owner, address spender) view returns (uint256)",
  "function approve(address spender, uint256 amount) returns (bool)",
  "function transfer(address to, uint256 amount) returns (bool)",
  "function mint(address to, uint256 amount)",
  "event Transfer(address indexed from, address indexed to, uint256 amount)",
  "event Approval(address indexed owner, address indexed spender, uint256 amount)",
]);

export const readsAbi = parseAbi([
  "struct CounterOf { address owner; uint96 nonce; }",
  "struct FundsOf { address owner; address token; }",
  "constructor(address settlement, CounterOf[] counters, address[] epochs, FundsOf[] funds)",
]);

/** ERC-1271, of contracts that are not ours. */
export const walletAbi = parseAbi([
  "function isValidSignature(bytes32 digest, bytes signature) view returns (bytes4)",
]);
