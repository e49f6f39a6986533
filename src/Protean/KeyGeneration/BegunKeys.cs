using Protean.Codec;
using Protean.State;

namespace Protean.KeyGeneration;

/// <summary>The keys that a unit's log has asked for, beyond those that the unit always has: one for each election, say. They stand in the unit's
/// map of keys until they are erased.</summary>
/// <param name="keys">Changes are kept only where the call's are.</param>
public sealed class BegunKeys(MapEdit keys)
{
    private const ulong NoVersion = 0;

    // No purpose begins with a stroke, so these are nobody's.
    private static readonly Bytes Prefix = Bytes.Of("/begun/");
    private static readonly Bytes EvidencePrefix = Bytes.Of("/evidence/");

    /// <summary>Members begin to generate a key in this block.</summary>
    /// <param name="purpose">What alone the key is for; letters, digits and dashes. No purpose of another key of the unit, present or erased: one
    /// purpose, one key.</param>
    public void Begin(string purpose) => keys.Put(new MapEntry(Path(purpose), NoVersion, Bytes.Empty, Bytes.Empty));

    /// <summary>No member uses the key after this block: its share is forgotten, and what it is opened from leaves the state. What convicted members
    /// stays: nobody's share of the key can be found from it.</summary>
    public void Erase(string purpose)
    {
        keys.Delete(Path(purpose));
        foreach (var evidence in new GenerationMap(purpose).Evidence(keys).ToArray())
            keys.Put(new MapEntry(
                Bytes.Of($"{EvidencePrefix.ToText()}{purpose}/{evidence.Accused.Index}"), NoVersion, Bytes.Empty, Bytes.Wrap(Canonical.Encode(evidence))));
        foreach (var entry in keys.Scan(GenerationMap.Prefix(purpose)).ToArray()) keys.Delete(entry.Key);
    }

    internal static bool Has(MapView keys, string purpose) => keys.Get(Path(purpose)) is not null;

    /// <summary>Their purposes, in order.</summary>
    internal static IReadOnlyList<string> In(MapView keys) => [.. keys.Scan(Prefix).Select(static entry => entry.Key.ToText()[Prefix.Length..])];

    /// <summary>What convicted members in generations of keys that are erased.</summary>
    internal static IEnumerable<Evidence> Evidence(MapView keys) =>
        keys.Scan(EvidencePrefix).Select(static entry => Canonical.Decode<Evidence>(entry.Value.Span));

    private static Bytes Path(string purpose) => Bytes.Of($"{Prefix.ToText()}{purpose}");
}
