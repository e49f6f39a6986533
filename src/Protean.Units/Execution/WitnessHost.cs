using Protean.Codec;
using Protean.Cryptography;
using Protean.State;

namespace Protean.Units.Execution;

/// <summary>What a call sees: published code, and state from a witness and from nowhere else (protocols 8.6).</summary>
/// <param name="codeOf">The code of a contract, or null where it was never published.</param>
/// <param name="proof">Of the state unit's data; null where nothing is shown.</param>
public sealed class WitnessHost(Func<Digest, Bytes?> codeOf, MapProof? proof) : IContractHost
{
    /// <param name="data">The execution unit's data.</param>
    /// <param name="proof">Of the state unit's data.</param>
    public WitnessHost(MapView data, MapProof? proof) : this(contract => data.Get(PublishedContracts.Key(contract))?.Value, proof)
    {
    }

    public bool TryCode(Digest contract, out Bytes code)
    {
        var found = codeOf(contract);
        code = found ?? Bytes.Empty;
        return found is not null;
    }

    public bool TryRead(Bytes key, out StateEntry? entry)
    {
        entry = null;
        if (proof is null || !proof.TryGet(key, out var shown)) return false;
        if (shown is not null) entry = ToEntry(shown);
        return true;
    }

    public bool TryScan(Bytes prefix, out Digest subtreeHash, out IReadOnlyList<StateEntry> entries)
    {
        (subtreeHash, entries) = (Digest.Zero, []);
        if (proof is null || !proof.TryScan(prefix, out var shown) || !proof.TrySubtreeHash(prefix, out subtreeHash)) return false;
        entries = [.. shown.Select(ToEntry)];
        return true;
    }

    private static StateEntry ToEntry(MapEntry entry) => new(entry.Key, entry.Version, entry.Value);
}
