using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Sealing;
using Protean.State;

namespace Protean.Runtime;

/// <summary>The key generations of one unit, one for each purpose, as its log drives them: those that the unit always has, and those that the
/// log has begun and not erased.</summary>
/// <param name="always">Purposes that the unit always has.</param>
/// <param name="make">A purpose's generation, by the state that it is first met in.</param>
internal sealed class KeyGenerations(IReadOnlyList<string> always, Func<MapView, string, (KeyGenerator Generator, KeyHolder Holder)> make)
{
    private readonly SortedDictionary<string, (KeyGenerator Generator, KeyHolder Holder)> _met = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ThresholdKey> _keys = new(StringComparer.Ordinal);

    public ThresholdKey? Key(string purpose) => _keys.GetValueOrDefault(purpose);

    public IReadOnlyList<string> Purposes(MapView keys) => [.. always, .. BegunKeys.In(keys)];

    public bool Has(MapView keys, string purpose) => always.Contains(purpose) || BegunKeys.Has(keys, purpose);

    public GenerationProgress? Progress(MapView keys, string purpose) => Of(keys, purpose).Generator.Progress(keys);

    public KeyRecord? Record(MapView keys, string purpose) => Of(keys, purpose).Generator.Record(keys);

    /// <summary>What convicted whom, erased keys' members too.</summary>
    public IEnumerable<Evidence> Evidence(MapView keys) =>
        All(keys).SelectMany(purpose => purpose.Generator.Evidence(keys)).Concat(BegunKeys.Evidence(keys));

    /// <summary>Takes one contribution at its place in the log.</summary>
    public void Apply(MapEdit keys, Contribution contribution)
    {
        foreach (var (generator, _) in All(keys))
            if (generator.State(keys) is { } state && generator.Session(state) == contribution.Subject) generator.Apply(keys, contribution);
    }

    /// <summary>After a block's contributions: begins what has not begun, closes phases, hands completed keys to be sealed.</summary>
    public void Advance(MapEdit keys, ulong timeMs, Action<string, Bytes, Outputs> seal)
    {
        foreach (var (generator, _) in All(keys))
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
        foreach (var (generator, _) in All(keys))
        {
            var due = generator.State(keys) is null ? firstMs : generator.NextDue(keys);
            if (due < (next ?? ulong.MaxValue)) next = due;
        }
        return next;
    }

    /// <summary>Takes up keys that have been completed, and forgets those that were erased.</summary>
    public void Refresh(MapView keys)
    {
        foreach (var erased in _met.Keys.Where(purpose => !Has(keys, purpose)).ToArray())
        {
            _met[erased].Holder.Dispose();
            _met.Remove(erased);
            _keys.Remove(erased);
        }
        foreach (var (generator, holder) in All(keys))
            if (_keys.GetValueOrDefault(generator.Purpose)?.Share is null && holder.Key(keys) is { } key) _keys[generator.Purpose] = key;
    }

    /// <summary>What this member owes the log.</summary>
    public IEnumerable<Posting> Owed(MapView keys) => All(keys).SelectMany(purpose => purpose.Holder.ToPost(keys));

    private IReadOnlyList<(KeyGenerator Generator, KeyHolder Holder)> All(MapView keys) => [.. Purposes(keys).Select(purpose => Of(keys, purpose))];

    private (KeyGenerator Generator, KeyHolder Holder) Of(MapView keys, string purpose)
    {
        if (!_met.TryGetValue(purpose, out var met)) _met.Add(purpose, met = make(keys, purpose));
        return met;
    }
}
