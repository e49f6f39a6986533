using Protean.Consensus;
using Protean.KeyGeneration;
using Protean.State;

namespace Protean.Runtime;

/// <summary>What this member itself puts into the log, signed.</summary>
internal sealed class Postings(UnitLogic logic, SimplexMember consensus)
{
    private readonly List<Posting> _held = [];

    /// <summary>What a member that has forgotten would say might contradict what it said before: it says nothing, and before it knows, it waits.</summary>
    public void Post(Posting posting, IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        if (consensus.IsSilent) return;
        if (consensus.IsRecalling) _held.Add(posting);
        else consensus.Submit(logic.Sign(posting.Topic, posting.Subject, posting.Payload).ToEntry(), effects);
    }

    /// <summary>What waited until this member knew that it has forgotten nothing.</summary>
    public void Held(IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        if (_held.Count == 0 || consensus.IsRecalling) return;
        Posting[] held = [.. _held];
        _held.Clear();
        foreach (var posting in held) Post(posting, effects);
    }

    /// <summary>What this member owes to key generations.</summary>
    public void Owed(MapView keys, IEffects<ConsensusMessage, FinalizedBlock> effects)
    {
        foreach (var owed in logic.KeyGenerations.Owed(keys)) Post(owed, effects);
    }
}
