using Protean.Codec;
using Protean.Runtime;

namespace Protean.Units.Randomness;

/// <summary>What the randomness unit offers.</summary>
public static class RandomnessTransactions
{
    /// <summary>Inputs and outputs, as they are named in workflows and leaves.</summary>
    public const string About = "about", Value = "value", Round = "round";

    /// <summary>The function of the leaf that seals a beacon round; no request can ask for one.</summary>
    public const string Beacon = BeaconRecord.Function;

    public static readonly (string Code, string Meaning) NoKey = ("PRT-RND-0101", "the unit's key is not generated yet");

    public static readonly (string Code, string Meaning) NotDue = ("PRT-RND-0102", "the beacon's round is not sealed yet");

    public static readonly (string Code, string Meaning) NoRound = ("PRT-RND-0103", "the beacon has no such round, or has it no longer");

    public static Transaction Draw { get; } = new(
        "draw", "64 random bytes that nobody could know or choose before the request was ordered. Asked again, the answer is the same.",
        [new(About, ValueKind.Bytes, "What is drawn for or from, such as the frozen list of tickets: the value depends on it.")],
        [new(Value, ValueKind.Bytes, "64 bytes.")],
        Direct: true, Infallible: true, Pending: true,
        Errors: [],
        Example: [new(About, Bytes.Of("ticket 1, ticket 2, ticket 3"))])
    {
        OnceOnly = true,
    };

    public static IReadOnlyList<Transaction> All { get; } = [Draw];
}
