using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.State;

/// <summary>The nodes of one map: in the store, with those used lately in memory.</summary>
internal sealed class NodeStore(IStore store, MapKeys keys, long cacheBytes)
{
    // Two generations stand in for least-recently-used: what is not touched during a whole generation is dropped, at no cost per touch.
    private Dictionary<NodeId, TrieNode> _young = [];
    private Dictionary<NodeId, TrieNode> _old = [];
    private long _youngWeight;

    // The last commit's nodes stay until the next one, because the caller may read before it has written the batch.
    private Dictionary<NodeId, TrieNode> _committed = [];

    /// <exception cref="StateDamagedException">The node is missing or not what its hash says.</exception>
    public TrieNode Load(TrieLink link)
    {
        if (link.New is { } node) return node;
        if (_committed.TryGetValue(link.Id, out var found) || _young.TryGetValue(link.Id, out found)) return found;
        if (!_old.TryGetValue(link.Id, out found)) found = Read(link);
        Cache(link.Id, found);
        return found;
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

    private void Cache(NodeId id, TrieNode node)
    {
        if (_youngWeight > cacheBytes / 2)
        {
            (_old, _young) = (_young, _old);
            _young.Clear();
            _youngWeight = 0;
        }
        if (_young.TryAdd(id, node)) _youngWeight += node.Weight;
    }

    /// <summary>Puts every new node below the link into the batch, and makes them stored ones.</summary>
    /// <param name="first">The number of the first: nodes of this height below it are in the store already.</param>
    /// <returns>The next number.</returns>
    public uint Write(TrieLink? root, ulong height, StoreBatch batch, uint first = 0)
    {
        foreach (var (id, node) in _committed) Cache(id, node);
        _committed.Clear();
        _ = root?.Hash; // all at once, so that no link has to look for what lies below it
        foreach (var link in root?.Upwards(static link => link.New is not null) ?? [])
        {
            var node = link.New!;
            var id = new NodeId(height, first + (uint)_committed.Count);
            batch.Put(keys.Node(id), node.ToRecord());
            link.Stored(id);
            _committed.Add(id, node);
        }
        return first + (uint)_committed.Count;
    }
}

/// <summary>What the store holds is not what was written to it. The member stops: nothing it would say could be relied on.</summary>
public sealed class StateDamagedException(string message) : Exception(message);
