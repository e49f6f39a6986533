using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Units.Randomness;

/// <summary>What convinces a third party of a random value without trusting any quorum: t members' shares, each with its proof (protocols
/// 4.1).</summary>
public static class RandomnessRecord
{
    /// <summary>A sealed value being checked against its record.</summary>
    internal sealed record Claim(GeneratedKey Key, ResultLeaf Leaf, Outputs Outputs, ShareRecord Record);

    private const string Advice = "Get value and record from another member of the unit; who gave these out has changed them.";

    internal static readonly Refusal Malformed = new("PRT-RND-0001", "a record of a random value must be of its form", Advice: Advice);

    internal static Requirements<Claim> Checks { get; } = new(
        Must("PRT-RND-0002", "the key must be one for draws", c => c.Key.Purpose == RandomnessUnit.KeyPurpose),
        Must("PRT-RND-0003", "the outputs must be those of the leaf", c =>
            c.Leaf.Status == ResultStatus.Ok && c.Leaf.OutputDigest == c.Outputs.Digest),
        Must("PRT-RND-0004", "the leaf must be that of a draw or of a beacon round", c =>
            IsDraw(c.Leaf, c.Outputs) || IsRound(c.Leaf, c.Outputs)),
        new("PRT-RND-0005", "valid shares of t distinct members must give the value", Advice, c =>
            Amiss(c.Key, MessageOf(c.Leaf, c.Outputs), Value(c.Outputs), c.Record.Shares) is { } code ? new Finding(code) : null));

    /// <summary>Whether a sealed draw or beacon round is what the unit's key makes of it, share by share.</summary>
    /// <param name="record">Canonical bytes of a record.</param>
    /// <param name="key">Of the unit, itself verified by its <see cref="KeyRecord"/>.</param>
    /// <param name="leaf">Of a verified receipt of the unit.</param>
    /// <param name="outputs">All outputs of the leaf.</param>
    /// <returns>Null, or the refusal of the first check that fails, <c>PRT-RND-0001</c> to <c>0005</c>.</returns>
    public static Refusal? Verify(Bytes record, GeneratedKey key, ResultLeaf leaf, Outputs outputs) =>
        ShareRecord.Read(record) is { } read ? Checks.FirstRefusal(new Claim(key, leaf, outputs, read), leaf.Function) : Malformed;

    /// <summary>The same for a beacon round without a receipt: round and key say all there is to say.</summary>
    public static bool ProvesBeacon(Bytes record, GeneratedKey key, ulong round, Bytes value) =>
        key.Purpose == RandomnessUnit.KeyPurpose && ShareRecord.Read(record) is { } read
        && Amiss(key, Dvrf.BeaconMessage(round), value, read.Shares) is null;

    private static bool IsDraw(ResultLeaf leaf, Outputs outputs) =>
        leaf.Function == RandomnessTransactions.Draw.Name && NamesOf(outputs) is [RandomnessTransactions.Value];

    private static bool IsRound(ResultLeaf leaf, Outputs outputs) =>
        leaf.Function == RandomnessTransactions.Beacon
        && NamesOf(outputs) is [RandomnessTransactions.Round, RandomnessTransactions.Value]
        && outputs.Find(RandomnessTransactions.Round) is { Length: sizeof(ulong) };

    private static string[] NamesOf(Outputs outputs) => [.. outputs.Values.Select(output => output.Name)];

    private static byte[] MessageOf(ResultLeaf leaf, Outputs outputs) => leaf.Function == RandomnessTransactions.Beacon
        ? Dvrf.BeaconMessage(Beacon.RoundOf(outputs.Find(RandomnessTransactions.Round)!.Value))
        : Dvrf.RequestMessage(leaf.ReplayKey, leaf.InputsDigest);

    private static Bytes Value(Outputs outputs) => outputs.Find(RandomnessTransactions.Value)!.Value;

    // The code of what is wrong, PRT-CRY-0061 to 0064.
    private static string? Amiss(GeneratedKey key, byte[] message, Bytes value, IReadOnlyList<ProvenShare> shares)
    {
        var function = new Dvrf(key.KeyId, key.Key, SodiumMultiScalar.Instance);
        return function.Refusal(function.Input(message), shares, value.ToArray());
    }

    private static Requirement<Claim> Must(string code, string what, Func<Claim, bool> holds) =>
        new(code, what, Advice, claim => holds(claim) ? null : new Finding());
}
