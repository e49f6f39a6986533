using System.Buffers.Binary;
using Protean.Codec;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;

namespace Protean.Simulator.Runs;

/// <summary>The smallest unit that has state, failures, refusals and results that members find together: what most runs execute.</summary>
public sealed class TallyUnit : IFunctionalUnit
{
    public const string Add = "add", Poll = "poll", Amount = "amount", Total = "total", Answer = "answer";

    private static readonly Bytes TotalKey = Bytes.Of("total");

    public string Name => "tally";

    public IReadOnlyList<Transaction> Transactions { get; } =
    [
        new(Add, "Adds.", [new Field(Amount, ValueKind.U64, "How much.")], [new Field(Total, ValueKind.U64, "So far.")], Direct: true, Infallible: false,
            Pending: false, [("SIM-0001", "there is nothing to add")], [new NamedValue(Amount, Values.OfU64(1))]),
        new(Poll, "Asks all members.", [], [new Field(Answer, ValueKind.Text, "What t of them say.")], Direct: true, Infallible: true, Pending: true, [], []),
    ];

    public void Join(IMembership membership)
    {
        membership.Handle(Add, AddUp);
        membership.Handle(Poll, static call => new Outcome.Pending(Bytes.Of($"poll at {call.Height}")));
        membership.HandlePending(Poll, pending => new Polling(membership, pending));
    }

    /// <summary>What all members answer to a poll, for whoever knows when it was asked.</summary>
    public static Bytes WordFor(Bytes about) => Bytes.Of($"word for {about.ToText()}");

    private static Outcome AddUp(Call call)
    {
        var amount = BinaryPrimitives.ReadUInt64LittleEndian(call.Admitted.Input(Amount)!.Value.Span);
        if (amount == 0) return new Outcome.Failed("SIM-0001", "there is nothing to add");
        var total = amount + (call.State.Get(TotalKey) is { } entry ? BinaryPrimitives.ReadUInt64LittleEndian(entry.Value.Span) : 0);
        call.State.Put(new MapEntry(TotalKey, call.Height, Bytes.Empty, Values.OfU64(total)));
        return new Outcome.Ok(new Outputs([new NamedValue(Total, Values.OfU64(total))]));
    }

    private sealed class Polling(IMembership membership, PendingResult pending) : ISharedResult
    {
        private readonly SortedSet<MemberId> _from = [membership.Self];
        private readonly Bytes _word = WordFor(pending.About);

        public Bytes? OwnShare => _word;

        public bool Accept(MemberId from, Bytes share)
        {
            if (share != _word) return false;
            _from.Add(from);
            return true;
        }

        public (int Have, int Need) Progress => (_from.Count, membership.Committee.Threshold);
        public Outputs? Result => Progress.Have >= Progress.Need ? new Outputs([new NamedValue(Answer, _word)]) : null;
        public Bytes? Record => Result is null ? null : _word;
    }
}
