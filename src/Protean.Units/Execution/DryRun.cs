using Protean.Codec;
using Protean.Cryptography;
using Protean.State;
using Protean.Units.Contracts;

namespace Protean.Units.Execution;

/// <summary>Asks one member what a call would do on the state that a witness shows: unordered, unsealed, changing nothing (protocols
/// 8.6).</summary>
/// <param name="Contract">The contract called first.</param>
/// <param name="Method">Its method.</param>
/// <param name="Arguments">In order.</param>
/// <param name="Caller">Who would ask, or nobody.</param>
/// <param name="Instance">The instance that the call would belong to.</param>
/// <param name="State">Of the state unit's data; null where nothing is shown yet.</param>
/// <remarks>To find the witness of a call, a client begins with none, and asks the state unit, at one height, for all that the answers name
/// until one is
/// <see cref="DryRunAnswer.Completed"/>; its effects name exactly what the request must show.</remarks>
public sealed record DryRun(Digest Contract, string Method, IReadOnlyList<Bytes> Arguments, PublicKey? Caller, Digest? Instance,
    MapProof? State) : ICanonical<DryRun>
{
    /// <summary>The query's name.</summary>
    public const string Name = "dry-run";

    public void Encode(Encoder to) => to
        .Digest(Contract).Text(Method).List(Arguments, static (e, argument) => e.Bytes(argument.Span))
        .Optional(Caller, static (e, key) => e.Key(key)).Optional(Instance, static (e, id) => e.Digest(id)).Optional(State);

    public static DryRun Decode(ref Decoder from) => new(
        from.Digest(), from.Text(Limits.MaxName),
            from.List(Limits.MaxBindings, static (ref Decoder d) => new Bytes(d.Bytes(Limits.MaxCallInput))),
        from.Optional(static (ref Decoder d) => d.Key()), from.Optional(static (ref Decoder d) => d.Digest()), from.Optional<MapProof>());

    public bool Equals(DryRun? other) => other is not null && Canonical.Encode(this).AsSpan().SequenceEqual(Canonical.Encode(other));
    public override int GetHashCode() => Contract.GetHashCode();
}

/// <summary>What a dry run came to.</summary>
public abstract record DryRunAnswer : ICanonical<DryRunAnswer>
{
    private DryRunAnswer()
    {
    }

    /// <summary>The call would return so.</summary>
    public sealed record Completed(Effects Effects, ulong FuelUsed) : DryRunAnswer;

    /// <summary>The call would fail so.</summary>
    public sealed record Failed(CallFailure Failure, ulong FuelUsed) : DryRunAnswer;

    /// <summary>The call reads what the witness does not show.</summary>
    /// <param name="Key">A key, or a prefix that it reads whole.</param>
    /// <param name="IsPrefix">Which of the two.</param>
    public sealed record Wanted(Bytes Key, bool IsPrefix) : DryRunAnswer;

    public static DryRunAnswer Of(CallResult result) => result switch
    {
        CallResult.Completed completed => new Completed(completed.Effects, completed.FuelUsed),
        CallResult.Failed failed => new Failed(failed.Failure, failed.FuelUsed),
        CallResult.OutsideWitness outside => new Wanted(outside.Key, outside.IsPrefix),
        _ => throw new InvalidOperationException("a call that ended in no way"),
    };

    public void Encode(Encoder to)
    {
        switch (this)
        {
            case Completed completed: to.U8(1).Value(completed.Effects).U64(completed.FuelUsed); break;
            case Failed failed: to.U8(2).Value(failed.Failure).U64(failed.FuelUsed); break;
            case Wanted wanted: to.U8(3).Bytes(wanted.Key.Span).Bool(wanted.IsPrefix); break;
        }
    }

    public static DryRunAnswer Decode(ref Decoder from) => from.U8() switch
    {
        1 => new Completed(from.Value<Effects>(), from.U64()),
        2 => new Failed(from.Value<CallFailure>(), from.U64()),
        3 => new Wanted(new Bytes(from.Bytes(Limits.MaxContractFullKey)), from.Bool()),
        var kind => throw new MalformedException($"dry-run answer of kind {kind}"),
    };
}
