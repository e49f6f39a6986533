using Protean.Codec;
using Protean.Runtime;

namespace Protean.KeyGeneration;

/// <summary>Where a key generation stands (protocols 3.3).</summary>
public enum GenerationPhase : byte
{
    /// <summary>Members deal.</summary>
    Dealing = 1,

    /// <summary>Members check their shares: they acknowledge good dealers and complain about bad ones.</summary>
    Checking = 2,

    /// <summary>The key is there; only late complaints and what repairs them still count (protocols 3.4).</summary>
    Done = 3,
}

/// <summary>A member's word for the dealers whose shares it could use.</summary>
public sealed record Acknowledgement(MemberId Member, MemberSet Good) : ICanonical<Acknowledgement>
{
    public void Encode(Encoder to) => to.U16(Member.Index).Value(Good);
    public static Acknowledgement Decode(ref Decoder from) => new(new MemberId(from.U16()), from.Value<MemberSet>());
}

/// <summary>The replicated state of one purpose's key generation, apart from dealings and evidence, which stand beside it.</summary>
/// <param name="Epoch">In which it began: its committee generates and holds the key.</param>
/// <param name="Attempt">From 0; each one begins anew without those convicted in the ones before.</param>
/// <param name="SinceMs">Block time at which the phase began.</param>
/// <param name="Excluded">Convicted in earlier attempts.</param>
/// <param name="Guilty">Convicted in this attempt.</param>
/// <param name="Dealt">Whose dealing counts.</param>
/// <param name="Acknowledgements">In log order, one per member.</param>
/// <param name="Exposed">Qualified dealers convicted too late to leave them out: their polynomials are made public (protocols 3.4).</param>
public sealed record GenerationState(
    ulong Epoch, ushort Attempt, GenerationPhase Phase, ulong SinceMs, MemberSet Excluded, MemberSet Guilty, MemberSet Dealt,
    IReadOnlyList<Acknowledgement> Acknowledgements, MemberSet Exposed) : ICanonical<GenerationState>
{
    public static GenerationState Begin(ulong epoch, ulong timeMs) =>
        new(epoch, Attempt: 0, GenerationPhase.Dealing, timeMs, default, default, default, [], default);

    /// <summary>Everyone convicted so far.</summary>
    public MemberSet Convicted => Excluded.Union(Guilty);

    /// <summary>The dealers of QUAL, as things stand.</summary>
    public MemberSet Unconvicted => Dealt.Except(Guilty);

    public bool HasAcknowledged(MemberId member) => Acknowledgements.Any(ack => ack.Member == member);

    /// <summary>The next attempt, without those convicted so far.</summary>
    public GenerationState Again(ulong timeMs) =>
        Begin(Epoch, timeMs) with { Attempt = checked((ushort)(Attempt + 1)), Excluded = Convicted };

    public void Encode(Encoder to) => to
        .U64(Epoch).U16(Attempt).U8((byte)Phase).U64(SinceMs)
        .Value(Excluded).Value(Guilty).Value(Dealt).List(Acknowledgements).Value(Exposed);

    public static GenerationState Decode(ref Decoder from)
    {
        var (epoch, attempt, phase) = (from.U64(), from.U16(), (GenerationPhase)from.U8());
        if (phase is < GenerationPhase.Dealing or > GenerationPhase.Done)
            throw new MalformedException($"key generation phase {(byte)phase}");
        return new GenerationState(
            epoch, attempt, phase, from.U64(), from.Value<MemberSet>(), from.Value<MemberSet>(), from.Value<MemberSet>(),
            from.List<Acknowledgement>(Limits.MaxMembers), from.Value<MemberSet>());
    }
}

/// <summary>How a member was caught.</summary>
public enum Offence : byte
{
    /// <summary>E7: the share that it dealt to the complainer does not fit its commitments.</summary>
    WrongShare = 1,

    /// <summary>E7: it signed two different dealings of one session.</summary>
    TwoDealings = 2,

    /// <summary>E8: the share it complained about fits.</summary>
    FalseComplaint = 3,
}

/// <summary>What convicts a member before anyone who has the committee's record: two signed contributions.</summary>
/// <param name="Dealing">The counted dealing, signed by its dealer.</param>
/// <param name="Against">The complaint about it, signed by the complainer; or the dealer's other dealing.</param>
public sealed record Evidence(MemberId Accused, Offence Offence, Contribution Dealing, Contribution Against) : ICanonical<Evidence>
{
    /// <summary>E7 or E8 (protocols 3.2).</summary>
    public string Code => Offence == Offence.FalseComplaint ? "E8" : "E7";

    public void Encode(Encoder to) => to.U16(Accused.Index).U8((byte)Offence).Value(Dealing).Value(Against);

    public static Evidence Decode(ref Decoder from)
    {
        var (accused, offence) = (new MemberId(from.U16()), (Offence)from.U8());
        if (offence is < Offence.WrongShare or > Offence.FalseComplaint) throw new MalformedException($"offence {(byte)offence}");
        return new Evidence(accused, offence, from.Value<Contribution>(), from.Value<Contribution>());
    }
}
