using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Sealing;
using Protean.State;

namespace Protean.Runtime;

/// <summary>A functional unit (paper 3.2): one thing done well by a committee. It says only what members do with an admitted transaction;
/// plan and receipt checks, ordering, replays, persistence and sealing are around it, once.</summary>
public interface IFunctionalUnit
{
    /// <summary>The class of the unit, as workflows name it: "randomness".</summary>
    string Name { get; }

    /// <summary>What it offers: published, type-checked by the compiler, called by clients.</summary>
    IReadOnlyList<Transaction> Transactions { get; }

    /// <summary>Purposes for which members hold a threshold key each; generated on the log before anything needs them (protocols 3).</summary>
    IReadOnlyList<string> KeyPurposes => [];

    /// <summary>This node's member, for one epoch. Registers a handler for each of <see cref="Transactions"/>.</summary>
    void Join(IMembership membership);
}

/// <summary>What a unit's member sees of its committee and its log.</summary>
public interface IMembership
{
    Genesis Genesis { get; }
    UnitContext Context { get; }
    Committee Committee { get; }
    MemberId Self { get; }
    IDirectory Directory { get; }

    /// <summary>The current epoch's record.</summary>
    EpochRecord Record { get; }
    IRandom Random { get; }

    /// <summary>How signatures are checked.</summary>
    ISignatureScheme Scheme { get; }

    /// <summary>The key of one of the unit's purposes, once generated and until erased, as of the block before; this member's share of it may be missing.</summary>
    ThresholdKey? Key(string purpose);

    /// <summary>What members do with one admitted transaction. A function of the call and the unit's state alone (Rule U).</summary>
    void Handle(string transaction, Func<Call, Outcome> execute);

    /// <summary>How members together find a result that block execution left pending (Rule P): called when the pending entry is final,
    /// and again after a restart.</summary>
    void HandlePending(string function, Func<PendingResult, ISharedResult> begin);

    /// <summary>What the unit changes in the block that holds a pending result: a quorum has it, whoever else still looks for it.</summary>
    void HandleDone(string function, Action<DoneCall> execute);

    /// <summary>What falls due by block time: <paramref name="next"/> says when, <paramref name="execute"/> runs in the first block at or after it, before the entries.</summary>
    void HandleDue(Func<MapView, ulong?> next, Action<DueCall> execute);

    /// <summary>What one member alone answers, from its own state, unordered and unsealed: a dry run, say. Whoever asks trusts this member or checks.</summary>
    void HandleQuery(string name, Func<Query, Answer> answer);
}

/// <summary>An unordered question to one member.</summary>
/// <param name="State">The unit's data as of the last executed block.</param>
/// <param name="Duty">How one of the unit's duties stands, by function and subject.</param>
public sealed record Query(Bytes Input, MapView State, Func<string, Bytes, DutyReading> Duty);

/// <summary>A duty's result as a member has it.</summary>
/// <param name="Begun">Whether the log has come to it; forgotten some epochs after its own.</param>
/// <param name="Sealed">Null before it is sealed.</param>
public sealed record DutyReading(bool Begun, Reply.Done? Sealed);

/// <summary>What a member says to an unordered question.</summary>
public abstract record Answer
{
    private Answer() { }

    public sealed record Given(Bytes Value) : Answer;

    public sealed record Refused(Refusal Refusal) : Answer;
}

/// <summary>One admitted transaction at its place in the log.</summary>
/// <param name="Admitted">Resolved, type-checked inputs with where they came from, the caller, the replay key and the digests that the leaf will carry.</param>
/// <param name="State">The unit's data at this point; changes are kept only where the outcome is Ok or Pending, or a failure that is recorded.</param>
/// <param name="Height">Of the block.</param>
/// <param name="TimeMs">Of the block.</param>
/// <param name="Position">Results that stand before this one in the block: with the height, a number that no other call has.</param>
/// <param name="Keys">Changes are kept only where the outcome is Ok.</param>
public sealed record Call(AdmittedRequest Admitted, MapEdit State, ulong Height, ulong TimeMs, int Position, BegunKeys Keys);

/// <summary>A duty that fell due, with the unit's data.</summary>
/// <param name="Begin">Begins a result that members find together: its function and its subject.</param>
/// <param name="Seal">Seals a result that the log alone makes.</param>
public sealed record DueCall(
    MapEdit State, ulong Height, ulong TimeMs, Action<string, Bytes> Begin, Action<string, Bytes, Outputs> Seal, BegunKeys Keys);

/// <summary>A pending result that this block holds, with what it was about and the unit's data.</summary>
public sealed record DoneCall(Bytes About, MapEdit State, ulong Height, BegunKeys Keys);

/// <summary>What executing a transaction came to.</summary>
public abstract record Outcome
{
    private Outcome() { }

    public sealed record Ok(Outputs Outputs) : Outcome;

    /// <summary>The application's refusal: sealed with status 1; the state is as before.</summary>
    /// <param name="Recorded">The state keeps what the call wrote: the trace of the refusal.</param>
    public sealed record Failed(string Code, string Message, bool Recorded = false) : Outcome;

    /// <summary>What the request was built on has changed: sealed with status 2.</summary>
    public sealed record Stale(string Code, string Message) : Outcome;

    /// <summary>The result needs shares or contributions; <paramref name="About"/> is what <see cref="IMembership.HandlePending"/> will need to find it.</summary>
    public sealed record Pending(Bytes About) : Outcome;

    /// <summary>What the request itself could have avoided (state outside its witness): no leaf, key untouched.</summary>
    public sealed record Refused(Refusal Refusal) : Outcome;
}

/// <summary>A result that members still have to find together.</summary>
/// <param name="State">The unit's data, at the block that left it pending or after: only what never changes may be read of it.</param>
public sealed record PendingResult(Digest ReplayKey, Digest InputsDigest, string Function, Bytes About, MapView State);

/// <summary>A result found from members' shares, the same whichever shares find it (Rule U).</summary>
public interface ISharedResult
{
    /// <summary>This member's share, or null where it holds none.</summary>
    Bytes? OwnShare { get; }

    /// <summary>Checks and keeps another member's share.</summary>
    /// <returns>False where it is provably wrong: evidence, since shares are signed.</returns>
    bool Accept(MemberId from, Bytes share);

    /// <summary>How many valid shares are there and how many it takes.</summary>
    (int Have, int Need) Progress { get; }

    /// <summary>The outputs, once enough shares are there.</summary>
    Outputs? Result { get; }

    /// <summary>What convinces a third party of the result without trusting the quorum; null before <see cref="Result"/>.</summary>
    Bytes? Record { get; }
}
