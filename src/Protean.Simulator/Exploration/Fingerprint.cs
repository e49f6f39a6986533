using System.Collections;
using System.Reflection;
using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;

namespace Protean.Simulator.Exploration;

/// <summary>Names the state of a member by all that its later deeds follow from. Equal names: equal behaviour.</summary>
/// <remarks>Reads every field of the state machine, so that a new field counts until it is listed below as one that decides no vote.
/// </remarks>
internal static class Fingerprint
{
    // What a member knows of its peers and has asked them for: the search delivers whatever exists, asked for or not. Timers may fire at
    // any moment. Evidence and counters are for readers. Votes behind a certificate of the same kind decide nothing more.
    private static readonly HashSet<string> LeftOut =
    [
        "_evidence", "_peers", "_catchUp", "_toRelay", "_lastRunFrom", "_pool", "_latestVote", "_entriesTo", "_pruned", "<Counters>k__BackingField",
        "_running", "_standstill", "_fetching", "_lingering", "_lingered", "_due",
        "_context", "_committee", "_self", "_leaders", "_timers", "_scheme", "_key", "_application", "_start", "_executed", "<Rules>k__BackingField",
        "<context>P", "<committee>P", "<scheme>P", "<counters>P", "<accuse>P", "<committeeSize>P", "<epoch>P",
    ];
    private static readonly Dictionary<Type, FieldInfo[]> Fields = [];

    /// <returns>The state without others' votes that no certificate stands on yet, and the state with them.</returns>
    public static (Digest Essence, Digest Whole) Of(Seat seat)
    {
        var (to, ballots) = (new Encoder(), new Encoder());
        Write(seat.Member, to, ballots);
        foreach (var key in seat.Store.Keys) to.Bytes(key.Span);
        var essence = Hash.H("protean/exploration/v1", to.Written);
        return (essence, Hash.H("protean/exploration/v1", essence.Span, ballots.Written));
    }

    private static void Write(object? value, Encoder to, Encoder ballots)
    {
        switch (value)
        {
            case null: to.U8(0); break;
            case bool flag: to.U8(flag ? (byte)2 : (byte)1); break;
            case string text: to.Bytes(Bytes.Of(text).Span); break;
            case IConvertible number: to.U64(number.ToUInt64(null)); break;
            case Digest digest: to.Digest(digest); break;
            case Certificate certificate: to.Value(certificate.Vote); break;
            case SignedVote signed: to.Value(signed.Vote); break;
            case Proposal proposal: to.Digest(proposal.Block.Id).U32((uint)proposal.Block.Entries.Count); break;
            case VersionedStore: break;
            case IDictionary map: WriteAll(map.Keys.Cast<object>().Zip(map.Values.Cast<object?>(), (key, item) => (key, item)), to, ballots); break;
            case IEnumerable list: WriteList(list, to, ballots); break;
            default: WriteFields(value, to, ballots); break;
        }
    }

    private static void WriteAll(IEnumerable<(object Key, object? Item)> pairs, Encoder to, Encoder ballots)
    {
        foreach (var (key, item) in pairs)
        {
            to.U8(1);
            Write(key, to, ballots);
            Write(item, to, ballots);
        }
        to.U8(0);
    }

    private static void WriteList(IEnumerable list, Encoder to, Encoder ballots)
    {
        foreach (var item in list)
        {
            to.U8(1);
            Write(item, to, ballots);
        }
        to.U8(0);
    }

    private static void WriteFields(object value, Encoder to, Encoder ballots)
    {
        if (!Fields.TryGetValue(value.GetType(), out var fields))
            Fields[value.GetType()] = fields = [.. ObjectGraph.FieldsOf(value.GetType()).Where(field => !LeftOut.Contains(field.Name))];
        to.U8(3);
        foreach (var field in fields)
        {
            if (field.Name == "_ballots") WriteBallots(value, (Array)field.GetValue(value)!, ballots);
            else Write(field.GetValue(value), to, ballots);
        }
    }

    // Laid out by kind, then member; the certificates of the same record lie by kind.
    private static void WriteBallots(object record, Array votes, Encoder ballots)
    {
        var certificates = (Array)Fields[record.GetType()].Single(field => field.Name == "_certificates").GetValue(record)!;
        var members = votes.Length / certificates.Length;
        for (var i = 0; i < votes.Length; i++)
            Write(certificates.GetValue(i / members) is null ? votes.GetValue(i) : null, ballots, ballots);
    }
}
