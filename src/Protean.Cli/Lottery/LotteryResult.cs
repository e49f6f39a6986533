using Protean.Client;
using Protean.Client.Proof;
using Protean.Cryptography;

namespace Protean.Cli.Lottery;

/// <summary>One participant's coins before the sale and after the draw.</summary>
internal sealed record Holding(PublicKey Participant, bool HasTicket, ulong Before, ulong After);

/// <summary>A lottery that was played, with its proof.</summary>
/// <param name="Outcome">As the contract gave it, when it was run again from the proof.</param>
/// <param name="Proof">The file's bytes.</param>
/// <param name="Report">What the offline verifier found.</param>
internal sealed record LotteryResult(LotteryOutcome Outcome, IReadOnlyList<Holding> Holdings, byte[] Proof, ProofReport Report);
