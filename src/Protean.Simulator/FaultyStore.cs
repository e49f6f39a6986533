using Protean.Codec;
using Protean.Runtime;

namespace Protean.Simulator;

/// <summary>A disk whose last writes a crash can undo: batches become durable in order, so what is lost is always a tail of them.</summary>
public sealed class FaultyStore(IStore disk) : IStore
{
    private readonly List<List<(Bytes Key, byte[]? Before)>> _undo = [];

    /// <summary>Batches written and not yet durable.</summary>
    public int Undurable => _undo.Count;

    public byte[]? Get(ReadOnlySpan<byte> key) => disk.Get(key);
    public IEnumerable<(Bytes Key, Bytes Value)> Scan(Bytes prefix, Bytes from = default) => disk.Scan(prefix, from);

    public void Write(StoreBatch batch)
    {
        _undo.Add([.. batch.Changes.Select(change => (change.Key, disk.Get(change.Key.Span)))]);
        disk.Write(batch);
    }

    /// <summary>All that was written is durable.</summary>
    public void Sync() => _undo.Clear();

    /// <summary>A crash before the writes were durable: the first <paramref name="durable"/> of them survive, the rest never
    /// happened.</summary>
    public void LoseAllBut(int durable)
    {
        for (var i = _undo.Count - 1; i >= durable; i--)
        {
            var back = new StoreBatch();
            foreach (var (key, before) in Enumerable.Reverse(_undo[i]))
            {
                if (before is null) back.Delete(key);
                else back.Put(key, before);
            }
            disk.Write(back);
        }
        _undo.Clear();
    }
}
