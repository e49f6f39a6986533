using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Sealing;
using Protean.State;
using Protean.Workflows;

namespace Protean.Runtime;

/// <summary>What a client asks of one unit, with everything needed to judge it: the body of a log entry of kind "request" (protocols 8.2,
/// 8.7).</summary>
/// <remarks>Decoding checks form and sizes only; admission judges. Nothing in it is believed before that.</remarks>
public abstract record Request(IReadOnlyList<KeySignature> Signatures, Proofs Proofs) : ICanonical<Request>
{
    private const byte PlannedKind = 1, DirectKind = 2, DrivenKind = 3, CancellationKind = 4;

    /// <summary>A step of a plan.</summary>
    /// <param name="Plan">The plan with the compiler's receipt.</param>
    /// <param name="StepIndex">Position in the plan's workflow.</param>
    /// <param name="Attempt">0, or one more than the attempt whose stale receipt is shown.</param>
    /// <param name="ClientArguments">The client inputs that this step uses, in order of name.</param>
    /// <param name="Signatures">In order of key.</param>
    /// <param name="Proofs">What the step needs shown.</param>
    public sealed record Planned(
        SealedPlan Plan, ushort StepIndex, ushort Attempt, IReadOnlyList<NamedValue> ClientArguments,
            IReadOnlyList<KeySignature> Signatures, Proofs Proofs)
        : Request(Signatures, Proofs)
    {
        /// <summary>The word of the unit that asks, where the step is a unit's to ask for.</summary>
        public Receipt? Drive { get; init; }

        /// <summary>Whether the step is not to run any more (protocols 8.3): then the request shows nothing but, for attempts after the first,
        /// <see cref="Proofs.Stale"/>.</summary>
        public bool Cancels { get; private init; }

        /// <summary>Ends a step that can no longer run.</summary>
        public static Planned Cancellation(SealedPlan plan, ushort step, ushort attempt, Receipt? stale) =>
            new(plan, step, attempt, [], [], Proofs.None with { Stale = stale }) { Cancels = true };
    }

    /// <summary>A call that needs no plan, of a transaction that its unit declares direct.</summary>
    /// <param name="UnitId">The unit asked.</param>
    /// <param name="Client">Who asks; signs.</param>
    /// <param name="Nonce">Fresh for each call of this client to this unit.</param>
    /// <param name="LastEpoch">Last epoch in which it may run, at most <see cref="Limits.PlanEpochs"/> from the unit's.</param>
    /// <param name="Function">The transaction.</param>
    /// <param name="Arguments">In order of name; values of a repeated input in their own order.</param>
    /// <param name="Signatures">In order of key; the client's among them.</param>
    /// <param name="Proofs">State, if the transaction reads any.</param>
    public sealed record Direct(
        Digest UnitId, PublicKey Client, ulong Nonce, ulong LastEpoch, string Function, IReadOnlyList<NamedValue> Arguments,
        IReadOnlyList<KeySignature> Signatures, Proofs Proofs)
        : Request(Signatures, Proofs);

    public void Encode(Encoder to)
    {
        switch (this)
        {
            case Planned { Cancels: true } request:
                to.U8(CancellationKind).Value(request.Plan).U16(request.StepIndex).U16(request.Attempt).Optional(request.Proofs.Stale);
                return;
            case Planned { Drive: { } drive } request:
                EncodeStep(to.U8(DrivenKind), request).Value(drive);
                break;
            case Planned request:
                EncodeStep(to.U8(PlannedKind), request);
                break;
            case Direct request:
                to.U8(DirectKind).Digest(request.UnitId).Key(request.Client).U64(request.Nonce).U64(request.LastEpoch).Text(request.Function)
                    .List(request.Arguments);
                break;
        }
        to.List(Signatures).Value(Proofs);
    }

    public static Request Decode(ref Decoder from) => from.U8() switch
    {
        PlannedKind => DecodePlanned(ref from, isDriven: false),
        DirectKind => DecodeDirect(ref from),
        DrivenKind => DecodePlanned(ref from, isDriven: true),
        CancellationKind => DecodeCancellation(ref from),
        var kind => throw new MalformedException($"request kind {kind}"),
    };

    private static Encoder EncodeStep(Encoder to, Planned request) =>
        to.Value(request.Plan).U16(request.StepIndex).U16(request.Attempt).List(request.ClientArguments);

    private static (SealedPlan Plan, ushort Step, ushort Attempt) DecodeStep(ref Decoder from)
    {
        var (plan, step, attempt) = (from.Value<SealedPlan>(), from.U16(), from.U16());
        return step < plan.Plan.Workflow.Steps.Count ? (plan, step, attempt)
            : throw new MalformedException($"step {step} of a workflow of {plan.Plan.Workflow.Steps.Count}");
    }

    private static Planned DecodePlanned(ref Decoder from, bool isDriven)
    {
        var (plan, step, attempt) = DecodeStep(ref from);
        var arguments = from.List<NamedValue>(Limits.MaxFields);
        Ascending.Require(arguments, static argument => argument.Name, "client arguments");
        var drive = isDriven ? from.Value<Receipt>() : null;
        return new Planned(plan, step, attempt, arguments, DecodeSignatures(ref from), from.Value<Proofs>()) { Drive = drive };
    }

    private static Planned DecodeCancellation(ref Decoder from)
    {
        var (plan, step, attempt) = DecodeStep(ref from);
        return Planned.Cancellation(plan, step, attempt, from.Optional<Receipt>());
    }

    private static Direct DecodeDirect(ref Decoder from)
    {
        var (unit, client, nonce, last) = (from.Digest(), from.Key(), from.U64(), from.U64());
        var (function, arguments) = (from.Text(Limits.MaxName), from.List<NamedValue>(Limits.MaxBindings));
        for (var i = 1; i < arguments.Count; i++)
            if (string.CompareOrdinal(arguments[i - 1].Name,
                arguments[i].Name) > 0) throw new MalformedException("arguments not in order of name");
        return new Direct(unit, client, nonce, last, function, arguments, DecodeSignatures(ref from), from.Value<Proofs>());
    }

    private static IReadOnlyList<KeySignature> DecodeSignatures(ref Decoder from)
    {
        var signatures = from.List<KeySignature>(Limits.MaxSignatures);
        Ascending.Require(signatures, static signature => signature.Key, "signatures");
        return signatures;
    }
}

/// <summary>A signature and whose it is.</summary>
public sealed record KeySignature(PublicKey Key, Signature Signature) : ICanonical<KeySignature>
{
    public void Encode(Encoder to) => to.Key(Key).Signature(Signature);
    public static KeySignature Decode(ref Decoder from) => new(from.Key(), from.Signature());
}

/// <summary>What a request shows: the results it builds on, and states and times of other units.</summary>
/// <param name="Dependencies">One for each dependency of the step, ascending.</param>
/// <param name="Stale">For attempts after the first: the stale result that makes another attempt necessary.</param>
/// <param name="Heights">One sealed height for each unit, ascending by unit. It serves all state read of that unit and every barrier on it,
/// so
/// that nobody can show an early state with a late time.</param>
/// <param name="Beacons">Beacon rounds, ascending by unit and round.</param>
public sealed record Proofs(
    IReadOnlyList<Dependency> Dependencies, Receipt? Stale, IReadOnlyList<ProvenHeight> Heights, IReadOnlyList<BeaconRecord> Beacons)
        : ICanonical<Proofs>
{
    public static Proofs None { get; } = new([], null, [], []);

    public ProvenHeight? HeightOf(Digest unitId) => Heights.FirstOrDefault(height => height.UnitId == unitId);
    public Dependency? Of(ushort step) => Dependencies.FirstOrDefault(dependency => dependency.Step == step);
    public BeaconRecord? Beacon(Digest unitId, ulong round) =>
        Beacons.FirstOrDefault(beacon => beacon.UnitId == unitId && beacon.Round == round);

    public void Encode(Encoder to) => to.List(Dependencies).Optional(Stale).List(Heights).List(Beacons);

    public static Proofs Decode(ref Decoder from)
    {
        var proofs = new Proofs(
            from.List<Dependency>(Limits.MaxSteps), from.Optional<Receipt>(), from.List<ProvenHeight>(Limits.MaxHeights),
            from.List<BeaconRecord>(Limits.MaxBeacons));
        Ascending.Require(proofs.Dependencies, static dependency => dependency.Step, "dependencies");
        Ascending.Require(proofs.Heights, static height => height.UnitId, "heights");
        Ascending.Require(proofs.Beacons, static beacon => (beacon.UnitId, beacon.Round), "beacons");
        return proofs;
    }
}

/// <summary>The result of a step that this one depends on, with those of its outputs that are used, opened, in order of name.</summary>
public sealed record Dependency(ushort Step, Receipt Receipt, IReadOnlyList<Opening> Openings) : ICanonical<Dependency>
{
    public Opening? Find(string output) => Openings.FirstOrDefault(opening => opening.Value.Name == output);

    public void Encode(Encoder to) => to.U16(Step).Value(Receipt).List(Openings);

    public static Dependency Decode(ref Decoder from)
    {
        var dependency = new Dependency(from.U16(), from.Value<Receipt>(), from.List<Opening>(Limits.MaxFields));
        Ascending.Require(dependency.Openings, static opening => opening.Value.Name, "openings");
        return dependency;
    }
}

/// <summary>A sealed height of a unit, and what is proven of the unit's state at it.</summary>
/// <param name="Seal">The header with its certificate.</param>
/// <param name="Witness">Of the unit's map <see cref="DataMap"/>, against the header's state root; null where only height and time
/// matter.</param>
public sealed record ProvenHeight(SealedHeader Seal, StateWitness? Witness) : ICanonical<ProvenHeight>
{
    /// <summary>The map of a state unit that applications read and write.</summary>
    public const string DataMap = "data";

    public SealHeader Header => Seal.Header;
    public Digest UnitId => Header.Context.UnitId;

    public void Encode(Encoder to) => to.Value(Seal).Optional(Witness);
    public static ProvenHeight Decode(ref Decoder from) => new(from.Value<SealedHeader>(), from.Optional<StateWitness>());
}

/// <summary>One round of a randomness unit's beacon, on the word of the unit's quorum (protocols 4.1: the compact alternative to the shares).</summary>
/// <param name="Receipt">Of the duty that made the round; its outputs are <see cref="OutputsOf"/>.</param>
public sealed record BeaconRecord(Digest UnitId, ulong Round, Bytes Value, Receipt Receipt) : ICanonical<BeaconRecord>
{
    /// <summary>The duty of a unit that offers a beacon.</summary>
    public const string Function = "beacon";

    /// <summary>What a round's leaf opens to.</summary>
    public static Outputs OutputsOf(ulong round, Bytes value) => new([new NamedValue("round", Values.OfU64(round)), new NamedValue("value", value)]);

    /// <summary>Whether the unit's quorum sealed this value for this round.</summary>
    public bool Holds(ReceiptVerifier receipts)
    {
        var claim = new ReceiptClaim(UnitId, 0, receipts.Directory.CurrentEpoch, Function)
        {
            PlanDigest = Digest.Zero,
            ReplayKey = RequestDigests.Duty(Function, Values.OfU64(Round)),
        };
        return receipts.Verify(Receipt, claim) is null && OutputsOf(Round, Value).Digest == Receipt.Leaf.OutputDigest;
    }

    public void Encode(Encoder to) => to.Digest(UnitId).U64(Round).Bytes(Value.Span).Value(Receipt);

    public static BeaconRecord Decode(ref Decoder from) =>
        new(from.Digest(), from.U64(), new Bytes(from.Bytes(Limits.MaxName)), from.Value<Receipt>());
}
