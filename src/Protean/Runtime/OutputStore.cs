using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Sealing;

namespace Protean.Runtime;

/// <summary>Outputs of results by their place in the log, with what convinces third parties of shared results. Not replicated state: a member
/// that has only the sealed digest asks the others, and checks what it gets.</summary>
internal sealed class OutputStore(IStore store)
{
    private static readonly Bytes Prefix = Bytes.Of("outputs/");
    private static readonly Bytes FoundPrefix = Bytes.Of("found/");

    private readonly SortedDictionary<(ulong Height, uint Index), Wanted> _wanted = [];

    private sealed record Wanted(LeafPlace Place, ResultLeaf Leaf)
    {
        public int Asked { get; set; }
    }

    public bool WantsAny => _wanted.Count > 0;

    public StoredOutputs? Find(LeafPlace place) =>
        store.Get(Key(place).Span) is { } bytes ? Canonical.Decode<StoredOutputs>(bytes) : null;

    public void Put(LeafPlace place, StoredOutputs outputs, StoreBatch batch)
    {
        _wanted.Remove((place.Height, place.Index));
        batch.Put(Key(place), Canonical.Encode(outputs));
    }

    /// <summary>This member found a pending result; it gets its place when a quorum has.</summary>
    public static void PutFound(Digest replayKey, Outputs outputs, Bytes record, StoreBatch batch) =>
        batch.Put(FoundKey(replayKey), Canonical.Encode(new StoredOutputs(outputs, record, null)));

    /// <summary>A quorum's word has placed a pending result.</summary>
    public void Place(ReplayEntry entry, StoreBatch batch)
    {
        var key = FoundKey(entry.Request.ReplayKey);
        batch.Delete(key);
        if (store.Get(key.Span) is { } bytes && Canonical.Decode<StoredOutputs>(bytes) is var found
            && found.Outputs.Digest == entry.Request.OutputDigest) Put(entry.Place!, found, batch);
        else Want(entry.Place!, entry.Request);
    }

    /// <summary>Others are asked for what opens this sealed result.</summary>
    public void Want(LeafPlace place, ResultLeaf leaf)
    {
        if (_wanted.Count < Limits.MaxWantedResults) _wanted.TryAdd((place.Height, place.Index), new Wanted(place, leaf));
    }

    /// <summary>What to ask for now. What nobody gives is given up; whoever asks for it again makes it wanted again.</summary>
    public IReadOnlyList<LeafPlace> Ask()
    {
        foreach (var (key, _) in _wanted.Where(static pair => pair.Value.Asked == Limits.MaxResultQuestions).ToArray()) _wanted.Remove(key);
        foreach (var wanted in _wanted.Values) wanted.Asked++;
        return [.. _wanted.Values.Select(static wanted => wanted.Place)];
    }

    /// <summary>Takes what was wanted.</summary>
    /// <param name="holds">Whether a receipt is the unit's own.</param>
    public bool Arrived(Receipt receipt, Outputs outputs, Bytes record, Func<Receipt, bool> holds)
    {
        if (!_wanted.TryGetValue((receipt.Header.Height, receipt.Index), out var wanted)) return false;
        if (wanted.Leaf != receipt.Leaf || outputs.Digest != receipt.Leaf.OutputDigest || !holds(receipt)) return false;
        var batch = new StoreBatch();
        Put(wanted.Place, new StoredOutputs(outputs, record, receipt), batch);
        store.Write(batch);
        return true;
    }

    /// <summary>Nobody can ask for a result of this height any more.</summary>
    public void Drop(ulong height, StoreBatch batch)
    {
        foreach (var (key, _) in store.Scan(UnitState.AtHeight(Prefix, height))) batch.Delete(key);
    }

    private static Bytes Key(LeafPlace place)
    {
        var index = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(index, place.Index);
        return Bytes.Wrap([.. UnitState.AtHeight(Prefix, place.Height).Span, .. index]);
    }

    private static Bytes FoundKey(Digest replayKey) => Bytes.Wrap([.. FoundPrefix.Span, .. replayKey.Span]);
}

/// <summary>Outputs as they are kept.</summary>
/// <param name="Record">What convinces third parties of a shared result; empty for others.</param>
/// <param name="Receipt">Where another member gave them: this one need not have the block.</param>
internal sealed record StoredOutputs(Outputs Outputs, Bytes Record, Receipt? Receipt) : ICanonical<StoredOutputs>
{
    public void Encode(Encoder to) => to.Value(Outputs).Bytes(Record.Span).Optional(Receipt);
    public static StoredOutputs Decode(ref Decoder from) =>
        new(from.Value<Outputs>(), new Bytes(from.Bytes(Limits.MaxRecord)), from.Optional<Receipt>());
}
