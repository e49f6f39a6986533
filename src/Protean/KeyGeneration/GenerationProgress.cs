using Protean.Runtime;

namespace Protean.KeyGeneration;

/// <summary>How far a key generation is, for people: what is there and who is missing.</summary>
public sealed record GenerationProgress(string Purpose, int Members, GenerationState State)
{
    public int Dealings => State.Unconvicted.Count;
    public int Acknowledgements => State.Acknowledgements.Count;

    /// <summary>Who has not dealt, or not acknowledged, where that is what the phase waits for.</summary>
    public MemberSet Missing => State.Phase switch
    {
        GenerationPhase.Dealing => MemberSet.All(Members).Except(State.Convicted).Except(State.Dealt),
        GenerationPhase.Checking => State.Acknowledgements.Aggregate(
            MemberSet.All(Members).Except(State.Convicted), (missing, ack) => missing.Without(ack.Member)),
        _ => MemberSet.Empty,
    };

    /// <summary>"key generation 3/4 dealings, 2/4 acks; waiting for 4".</summary>
    public override string ToString()
    {
        var text = State.Phase == GenerationPhase.Done
            ? $"key generation done, {Dealings}/{Members} dealings"
            : $"key generation {Dealings}/{Members} dealings, {Acknowledgements}/{Members} acks";
        if (State.Attempt > 0) text += $", attempt {State.Attempt + 1}";
        if (!Missing.IsEmpty) text += $"; waiting for {Missing}";
        if (!State.Convicted.IsEmpty) text += $"; convicted {State.Convicted}";
        return text;
    }
}
