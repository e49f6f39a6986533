using Protean.Codec;
using Protean.State;

namespace Protean.Units;

/// <summary>Canonical values as entries of a unit's state.</summary>
internal static class StateEntries
{
    public static void Keep<T>(this MapEdit state, Bytes key, ulong height, T value) where T : ICanonical<T> =>
        state.Put(new MapEntry(key, height, Bytes.Empty, Bytes.Wrap(Canonical.Encode(value))));

    public static T? Find<T>(this MapView state, Bytes key) where T : class, ICanonical<T> =>
        state.Get(key) is { } entry ? Canonical.Decode<T>(entry.Value.Span) : null;
}
