using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.State;

/// <summary>A map that is built up from the entries of another member's, in order of keys and in pieces that fit a batch; nothing reads it
/// before it is finished.</summary>
/// <remarks>All its nodes are of the height that it will be the map at, so the map goes on from there as if it had been committed.</remarks>
public sealed class MapImport
{
    private readonly MapKeys _keys;
    private readonly NodeStore _nodes;
    private readonly ulong _height;
    private TrieLink? _root;
    private uint _written;

    internal MapImport(IStore store, MapKeys keys, ulong height) =>
        (_keys, _nodes, _height) = (keys, new NodeStore(store, keys, Limits.MapCacheBytes), height);

    /// <summary>Of what was added so far.</summary>
    public Digest Root => _root?.Hash ?? TrieHash.Empty;

    /// <summary>Puts a piece into the batch; the caller writes the batch before the next piece.</summary>
    public void Add(IEnumerable<MapEntry> entries, StoreBatch batch)
    {
        var edit = new MapEdit(_nodes, _root);
        foreach (var entry in entries) edit.Put(entry);
        foreach (var replaced in edit.Replaced) batch.Delete(_keys.Node(replaced.Id));
        _root = edit.Result;
        _written = _nodes.Write(_root, _height, batch, _written);
    }

    /// <summary>Makes it the map's one version.</summary>
    public void Finish(StoreBatch batch) => batch.Put(_keys.Version(_height), VersionHistory.EncodeRoot(_root));
}
