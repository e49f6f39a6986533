using System.Buffers.Binary;
using Protean.Codec;

namespace Protean.Runtime;

/// <summary>Where in a member's store its replicated state stands: <c>state/</c> and a number. State that was fetched from others grows under a
/// number of its own, and one small change makes it the member's.</summary>
internal sealed class StateScope
{
    private static readonly Bytes AllPrefix = Bytes.Of("state/");
    private static readonly Bytes CurrentKey = Bytes.Of("scope/current");
    private static readonly Bytes LastKey = Bytes.Of("scope/last");

    private readonly ulong _number;

    private StateScope(ulong number) => (_number, Prefix) = (number, PrefixOf(number));

    /// <summary>What every key begins with.</summary>
    public Bytes Prefix { get; }

    /// <summary>The member's own state.</summary>
    public static StateScope Current(IStore store) => new(Number(store, CurrentKey));

    /// <summary>A scope that nothing was ever written under.</summary>
    public static StateScope BeginNext(IStore store)
    {
        var next = new StateScope(Math.Max(Number(store, LastKey), Number(store, CurrentKey)) + 1);
        var batch = new StoreBatch();
        batch.Put(LastKey, Encoded(next._number));
        store.Write(batch);
        return next;
    }

    public Bytes Key(string kind) => Bytes.Wrap([.. Prefix.Span, .. Bytes.Of(kind).Span]);

    public void MakeCurrent(StoreBatch batch) => batch.Put(CurrentKey, Encoded(_number));

    /// <summary>Deletes some of what earlier states, and attempts that came to nothing, have left.</summary>
    /// <param name="growing">Whether a state is being fetched: it is the last one begun.</param>
    public void DeleteOthers(IStore store, bool growing, StoreBatch batch)
    {
        if (Number(store, LastKey) == 0) return;
        var last = growing ? Number(store, LastKey) : ulong.MaxValue;
        var others = store.Scan(AllPrefix).TakeWhile(pair => !pair.Key.Span.StartsWith(Prefix.Span))
            .Concat(store.Scan(AllPrefix, PrefixOf(_number + 1)).TakeWhile(pair => pair.Key < PrefixOf(last)));
        foreach (var (key, _) in others.Take(Limits.MaxDeletedPerBlock)) batch.Delete(key);
    }

    private static Bytes PrefixOf(ulong number) => Bytes.Wrap([.. AllPrefix.Span, .. Encoded(number), (byte)'/']);

    private static ulong Number(IStore store, Bytes key) =>
        store.Get(key.Span) is { } value ? BinaryPrimitives.ReadUInt64BigEndian(value) : 0;

    private static byte[] Encoded(ulong number)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes;
    }
}
