using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.State;

/// <summary>An authenticated ordered map that keeps its last heights, in a store that may be larger than memory (protocols 8.6).</summary>
/// <remarks>A commit writes O(log n) nodes per changed key. The map never writes to the store itself: its changes go into the caller's
/// batch, with the caller's own records, and the caller writes each batch before it commits the next height.</remarks>
public sealed class StateMap
{
    private readonly NodeStore _nodes;
    private readonly VersionHistory _history;

    /// <summary>Opens the map as it was last committed, without reading its nodes.</summary>
    /// <param name="name">Letters a-z. Maps of different names share a store.</param>
    /// <param name="retained">How many of the last committed heights stay readable, at least 2.</param>
    /// <param name="cacheBytes">Rough memory for nodes that were read.</param>
    /// <param name="scope">What the keys of its records begin with.</param>
    public StateMap(
        IStore store, string name, int retained = Limits.RetainedHeights, long cacheBytes = Limits.MapCacheBytes, Bytes scope = default)
    {
        var keys = new MapKeys(name, scope);
        Name = name;
        _nodes = new NodeStore(store, keys, cacheBytes);
        _history = new VersionHistory(store, keys, retained);
    }

    /// <summary>Begins a map from the entries of another member's map at this height.</summary>
    public static MapImport Import(IStore store, string name, Bytes scope, ulong height) => new(store, new MapKeys(name, scope), height);

    public string Name { get; }

    /// <summary>The last committed height; null before the first.</summary>
    public ulong? Height => _history.Latest;

    /// <summary>The readable heights, ascending.</summary>
    public IReadOnlyList<ulong> Heights => [.. _history.Heights];

    public MapSnapshot Current => new(_nodes, _history.Latest, _history.LatestRoot);

    /// <summary>The map at a committed height; null where it is not kept.</summary>
    public MapSnapshot? At(ulong height) => _history.TryGet(height, out var root) ? new MapSnapshot(_nodes, height, root) : null;

    /// <summary>Begins changes over the last committed height.</summary>
    public MapEdit Edit() => new(_nodes, _history.LatestRoot);

    /// <summary>Makes the edit's result the map at <paramref name="height"/>, and lets go of heights that are neither recent nor
    /// pinned.</summary>
    /// <returns>The map's root at that height.</returns>
    /// <exception cref="InvalidOperationException">The height is not above the last one, or the edit was not begun on the last
    /// one.</exception>
    public Digest Commit(ulong height, MapEdit edit, StoreBatch batch)
    {
        if (Height >= height) throw new InvalidOperationException($"{Name}: commit at {height} after {Height}");
        if (edit.Base != _history.LatestRoot) throw new InvalidOperationException($"{Name}: the edit was not begun on height {Height}");
        _nodes.Write(edit.Result, height, batch);
        _history.Add(height, edit.Result, [.. edit.Replaced.Select(static link => link.Id)], batch);
        _nodes.LetGo(edit.Replaced);
        return edit.Root;
    }

    /// <summary>Keeps a height readable until <see cref="Unpin"/> was called as often as this.</summary>
    public void Pin(ulong height, StoreBatch batch) => _history.Pin(height, batch);

    /// <summary>Takes one pin back; the height goes with the next commit if it is not recent.</summary>
    public void Unpin(ulong height, StoreBatch batch) => _history.Unpin(height, batch);
}
