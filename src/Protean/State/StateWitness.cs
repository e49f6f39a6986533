using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.State;

/// <summary>What one map of a sealed state holds under some keys and prefixes: what a contract call carries, and what a read returns
/// (protocols 8.6).</summary>
public sealed record StateWitness(MapRoot Map, MapProof Proof) : ICanonical<StateWitness>
{
    public void Encode(Encoder to) => to.Value(Map).Value(Proof);
    public static StateWitness Decode(ref Decoder from) => new(from.Value<MapRoot>(), from.Value<MapProof>());

    /// <summary>Null where the witness shows, of the state with this root, what is asked.</summary>
    /// <param name="without">For tests: the code of a check to leave out.</param>
    public Refusal? Verify(Digest stateRoot, WitnessQuestion question, string? without = null)
    {
        foreach (var check in Checks)
            if (check.Code != without && check.Fault(this, stateRoot, question) is { } got)
                return new Refusal(check.Code, check.What, Where: question.Map, Got: got);
        return null;
    }

    /// <summary>What <see cref="Verify"/> checks, in order.</summary>
    public static IReadOnlyList<WitnessCheck> Checks { get; } =
    [
        new("PRT-STA-0001", "the witness must be of the map that was asked for", static (witness, _, question) =>
            witness.Map.Name == question.Map ? null : witness.Map.Name),
        new("PRT-STA-0002", "the map's root must stand in the sealed state root", static (witness, stateRoot, _) =>
            witness.Map.Opens(stateRoot) ? null : witness.Map.Root.ToString()),
        new("PRT-STA-0003", "the opened nodes must hash to the map's root", static (witness, _, _) =>
            witness.Proof.Root == witness.Map.Root ? null : witness.Proof.Root.ToString()),
        new("PRT-STA-0004", "every key that was asked for must be shown", static (witness, stateRoot, question) =>
            FirstOrNone(question.Keys, key => !witness.Proof.TryGet(key, out _))),
        new("PRT-STA-0005", "every prefix that was asked for must be shown whole", static (witness, stateRoot, question) =>
            FirstOrNone(question.Prefixes, prefix => !witness.Proof.TryScan(prefix, out _))),
    ];

    private static string? FirstOrNone(IReadOnlyList<Bytes> asked, Func<Bytes, bool> missing)
    {
        foreach (var bytes in asked)
            if (missing(bytes)) return bytes.ToString();
        return null;
    }
}

/// <summary>What a witness must show: the entry or the absence of each key, and all entries under each prefix, of one map.</summary>
public sealed record WitnessQuestion(string Map, IReadOnlyList<Bytes> Keys, IReadOnlyList<Bytes> Prefixes);

/// <param name="Fault">What was found where the check fails, else null.</param>
public sealed record WitnessCheck(string Code, string What, Func<StateWitness, Digest, WitnessQuestion, string?> Fault);
