using Protean.Cryptography;
using Protean.Runtime;
using Protean.Simulator.Campaigns;

namespace Protean.Simulator.Runs;

/// <summary>Honest clients: they ask one member or several, ask another one when no answer comes, and believe what verifies.</summary>
internal sealed class Clients(UnitRun run)
{
    private const int Patience = 1500;

    private readonly Dictionary<Digest, (Asked Asked, Action<Reply.Done> Then)> _waiting = [];

    /// <summary>Requests that no honest member has answered yet.</summary>
    public int Waiting => _waiting.Count;

    public bool IsAnswered(Asked asked) => !_waiting.ContainsKey(asked.Entry);

    public void Ask(Asked asked, Action<Reply.Done> then)
    {
        _waiting[asked.Entry] = (asked, then);
        // Often to several members at once: duplicates must meet their replay key, wherever they come from.
        var copies = run.Dice.Chance(300) ? run.Dice.Between(2, run.Network.Committee.Size) : 1;
        for (var i = 0; i < copies; i++) run.Submit(run.AnyMember(), asked.Bytes);
        run.After(Patience, () => AskAgain(asked, run.AnyMember()));
    }

    /// <param name="judged">False of members that may say anything: a client believes what verifies.</param>
    public void Answered(MemberId member, bool judged, Digest entry, Reply reply)
    {
        if (!_waiting.TryGetValue(entry, out var waiting)) return;
        if (!judged && !(reply is Reply.Done claimed && run.Answers.IsBelievable(waiting.Asked, claimed))) return;
        switch (reply)
        {
            case Reply.Done done:
                run.Answers.Answered(waiting.Asked, done);
                if (_waiting.Remove(entry)) waiting.Then(done);
                break;
            case Reply.Refused { Refusal: var refusal }:
                run.Counters.Add("refused/" + refusal.Code);
                Invariants.Progress.Require(refusal.Retry, () => $"member {member} refuses an honest request for {waiting.Asked.Function}: {refusal}");
                break;
        }
    }

    private void AskAgain(Asked asked, MemberId member)
    {
        if (!_waiting.ContainsKey(asked.Entry)) return;
        run.Submit(member, asked.Bytes);
        var next = new MemberId((ushort)((member.Index % run.Network.Committee.Size) + 1));
        run.After(Patience, () => AskAgain(asked, next));
    }
}
