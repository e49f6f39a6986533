using Protean.Codec;
using Protean.Runtime;

namespace Protean.Simulator;

/// <summary>What a disk does that a state machine cannot go on from: the member stops.</summary>
public sealed class DiskFaultException(string fault) : Exception(fault)
{
    public string Fault { get; } = fault;
}

/// <summary>A disk whose last writes a crash can undo: batches become durable in order, so what is lost is always a tail of them.</summary>
/// <remarks>A batch that was torn is lost whole, as the node's store finds by its checksums; damaged bytes are found when they are
/// read.</remarks>
public sealed class FaultyStore(IStore disk) : IStore
{
    public const string Full = "full-disk", Damaged = "bit-flip";

    private readonly List<List<(Bytes Key, byte[]? Before)>> _undo = [];
    private readonly HashSet<Bytes> _damaged = [];

    /// <summary>Batches written and not yet durable.</summary>
    public int Undurable => _undo.Count;

    /// <summary>The disk says that writes are durable before they are.</summary>
    public bool Lies { get; set; }

    /// <summary>No write succeeds.</summary>
    public bool IsFull { get; set; }

    public byte[]? Get(ReadOnlySpan<byte> key)
    {
        if (_damaged.Count > 0 && _damaged.Contains(new Bytes(key))) throw new DiskFaultException(Damaged);
        return disk.Get(key);
    }

    public IEnumerable<(Bytes Key, Bytes Value)> Scan(Bytes prefix, Bytes from = default)
    {
        foreach (var (key, value) in disk.Scan(prefix, from))
        {
            if (_damaged.Contains(key)) throw new DiskFaultException(Damaged);
            yield return (key, value);
        }
    }

    public void Write(StoreBatch batch)
    {
        if (IsFull) throw new DiskFaultException(Full);
        _undo.Add([.. batch.Changes.Select(change => (change.Key, disk.Get(change.Key.Span)))]);
        disk.Write(batch);
        foreach (var (key, _) in batch.Changes) _damaged.Remove(key);
    }

    /// <summary>All that was written is durable, as far as the disk says.</summary>
    public void Sync()
    {
        if (!Lies) _undo.Clear();
    }

    /// <summary>A bit of one stored value flips.</summary>
    public void Flip(Dice dice)
    {
        Bytes[] keys = [.. disk.Scan(Bytes.Empty).Select(pair => pair.Key)];
        if (keys.Length > 0) _damaged.Add(dice.Pick(keys));
    }

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
