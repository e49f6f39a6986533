using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Sealing;
using Protean.State;

namespace Protean.Runtime;

/// <summary>The key generations of one unit, one for each purpose, as its log drives them.</summary>
internal sealed class KeyGenerations
{
    private readonly IReadOnlyList<(KeyGenerator Generator, KeyHolder Holder)> _purposes;
    private readonly SortedDictionary<string, ThresholdKey> _keys = new(StringComparer.Ordinal);

    public KeyGenerations(IReadOnlyList<(KeyGenerator Generator, KeyHolder Holder)> purposes) => _purposes = purposes;

    public ThresholdKey? Key(string purpose) => _keys.GetValueOrDefault(purpose);

    public GenerationProgress? Progress(MapView keys, string purpose) => Of(purpose).Generator.Progress(keys);

    public KeyRecord? Record(MapView keys, string purpose) => Of(purpose).Generator.Record(keys);

    /// <summary>What convicted whom.</summary>
    public IEnumerable<Evidence> Evidence(MapView keys) => _purposes.SelectMany(purpose => purpose.Generator.Evidence(keys));

    /// <summary>Takes one contribution at its place in the log.</summary>
    public void Apply(MapEdit keys, Contribution contribution)
    {
        foreach (var (generator, _) in _purposes)
            if (generator.State(keys) is { } state && generator.Session(state) == contribution.Subject) generator.Apply(keys, contribution);
    }

    /// <summary>After a block's contributions: begins what has not begun, closes phases, hands completed keys to be sealed.</summary>
    public void Advance(MapEdit keys, ulong timeMs, Action<string, Bytes, Outputs> seal)
    {
        foreach (var (generator, _) in _purposes)
        {
            generator.Begin(keys, timeMs);
            if (generator.Advance(keys, timeMs) is { } key) seal(GeneratedKey.Function, Bytes.Of(generator.Purpose), key.ToOutputs());
        }
    }

    /// <summary>The block time at which <see cref="Advance"/> has something to do.</summary>
    /// <param name="firstMs">When generations that have not begun are to begin.</param>
    public ulong? NextDue(MapView keys, ulong firstMs)
    {
        ulong? next = null;
        foreach (var (generator, _) in _purposes)
        {
            var due = generator.State(keys) is null ? firstMs : generator.NextDue(keys);
            if (due < (next ?? ulong.MaxValue)) next = due;
        }
        return next;
    }

    /// <summary>Takes up keys that have been completed.</summary>
    public void Refresh(MapView keys)
    {
        foreach (var (generator, holder) in _purposes)
            if (_keys.GetValueOrDefault(generator.Purpose)?.Share is null && holder.Key(keys) is { } key) _keys[generator.Purpose] = key;
    }

    /// <summary>What this member owes the log.</summary>
    public IEnumerable<Posting> Owed(MapView keys) => _purposes.SelectMany(purpose => purpose.Holder.ToPost(keys));

    private (KeyGenerator Generator, KeyHolder Holder) Of(string purpose) => _purposes.First(pair => pair.Generator.Purpose == purpose);
}
