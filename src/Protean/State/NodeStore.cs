using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.State;

/// <summary>The nodes of one map: in the store, with those used lately in memory.</summary>
internal sealed class NodeStore(IStore store, MapKeys keys, long cacheBytes)
{
    private const int LeastSwept = 4096;

    // Links hold the nodes themselves, so that walking down costs no search. Which links hold one goes round: one that was not touched for a
    // whole turn lets go of its node when there are too many.
    private readonly Queue<TrieLink> _held = [];
    private int _live;
    private long _weight;

    // The last commit's nodes stay until the next one, because the caller may read before it has written the batch.
    private readonly List<TrieLink> _committed = [];

    /// <exception cref="StateDamagedException">The node is missing or not what its hash says.</exception>
    public TrieNode Load(TrieLink link)
    {
        link.Touched = true;
        if (link.Node is { } node) return node;
        var read = Read(link);
        link.Node = read;
        Hold(link);
        return read;
    }

    private TrieNode Read(TrieLink link)
    {
        var record = store.Get(keys.Node(link.Id).Span)
            ?? throw new StateDamagedException($"{keys.Name}: node {link.Id} is missing: its height was pruned, or the store is damaged");
        TrieNode node;
        try
        {
            node = TrieNode.FromRecord(record);
        }
        catch (MalformedException malformed)
        {
            throw new StateDamagedException($"{keys.Name}: node {link.Id}: {malformed.Message}");
        }
        if (node.Hash() != link.Hash) throw new StateDamagedException($"{keys.Name}: node {link.Id} does not have the hash {link.Hash}");
        return node;
    }

    private void Hold(TrieLink link)
    {
        _held.Enqueue(link);
        _live++;
        _weight += link.Node!.Weight;
        while (_weight > cacheBytes && _held.TryDequeue(out var oldest))
        {
            if (!oldest.Touched) LetGo(oldest);
            else if (oldest.Node is not null) _held.Enqueue(oldest);
            oldest.Touched = false;
        }
    }

    private void LetGo(TrieLink link)
    {
        if (link.Node is not { } node) return;
        link.Node = null;
        _live--;
        _weight -= node.Weight;
    }

    /// <summary>Nodes that the map has no more: only who reads a height of the past still needs them, and finds them in the store.</summary>
    public void LetGo(IReadOnlyList<TrieLink> replaced)
    {
        foreach (var link in replaced) LetGo(link);
        if (_held.Count < LeastSwept || _held.Count < 2 * _live) return;
        for (var left = _held.Count; left > 0; left--)
            if (_held.Dequeue() is { Node: not null } link) _held.Enqueue(link);
    }

    /// <summary>Puts every new node below the link into the batch, and makes them stored ones.</summary>
    /// <param name="first">The number of the first: nodes of this height below it are in the store already.</param>
    /// <returns>The next number.</returns>
    public uint Write(TrieLink? root, ulong height, StoreBatch batch, uint first = 0)
    {
        foreach (var link in _committed) Hold(link);
        _committed.Clear();
        _ = root?.Hash; // all at once, so that no link has to look for what lies below it
        foreach (var link in root?.Upwards(static link => link.IsNew) ?? [])
        {
            var id = new NodeId(height, first + (uint)_committed.Count);
            batch.Put(keys.Node(id), link.Node!.ToRecord());
            link.Stored(id);
            _committed.Add(link);
        }
        return first + (uint)_committed.Count;
    }
}

/// <summary>What the store holds is not what was written to it. The member stops: nothing it would say could be relied on.</summary>
public sealed class StateDamagedException(string message) : Exception(message);
