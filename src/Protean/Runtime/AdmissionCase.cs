using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Sealing;
using Protean.Workflows;

namespace Protean.Runtime;

/// <summary>A request with what it is judged by; the checks fill in the inputs on their way.</summary>
public abstract class AdmissionCase
{
    private static readonly Digest NoInputs = RequestDigests.Inputs([]);

    private IReadOnlyList<AdmittedInput> _inputs = [];
    private Usage? _used;
    private Transaction? _transaction;
    private Digest? _requestDigest;

    private AdmissionCase(AdmissionContext context, ISignatureScheme scheme, ReceiptVerifier receipts)
    {
        (Context, Scheme, Receipts) = (context, scheme, receipts);
    }

    public AdmissionContext Context { get; }
    public ISignatureScheme Scheme { get; }
    public ReceiptVerifier Receipts { get; }
    public abstract Request Request { get; }
    public Proofs Proofs => Request.Proofs;

    /// <summary>For refusals.</summary>
    public abstract string Name { get; }

    public abstract Digest UnitId { get; }
    public abstract string Function { get; }
    public abstract Digest PlanDigest { get; }
    public abstract ushort Step { get; }
    public abstract ushort Attempt { get; }
    public abstract Digest ReplayKey { get; }
    public abstract byte[] SignedPayload { get; }
    public abstract PublicKey? Caller { get; }
    public IReadOnlyList<PublicKey> Signers => [.. Request.Signatures.Select(static signature => signature.Key)];

    /// <summary>What the request is counted against.</summary>
    public abstract Quota Quota { get; }

    /// <summary>How much of it is used up.</summary>
    public Usage Used => _used ??= Context.Used(Quota);

    /// <summary>The height whose witness a call may read.</summary>
    public abstract ProvenHeight? State { get; }

    public Transaction? Transaction => _transaction ??= Context.Find(Function);
    public Digest InputsDigest { get; private set; } = NoInputs;
    public Digest RequestDigest => _requestDigest ??= RequestDigests.Request(UnitId, PlanDigest, Step, Attempt, InputsDigest);

    /// <summary>In order of name, once every one has a value.</summary>
    public IReadOnlyList<AdmittedInput> Inputs
    {
        get => _inputs;
        internal set
        {
            _inputs = value;
            InputsDigest = RequestDigests.Inputs([.. value.Select(static input => new NamedValue(input.Name, input.Value))]);
            _requestDigest = null;
        }
    }

    public static AdmissionCase Of(Request request, AdmissionContext context, ISignatureScheme scheme, ReceiptVerifier receipts,
        string? without) => request switch
        {
            Request.Planned planned => new Planned(planned, context, scheme, receipts, without),
            Request.Direct direct => new Direct(direct, context, scheme, receipts),
            _ => throw new InvalidOperationException("a request is planned or direct"),
        };

    public abstract AdmittedRequest ToAdmitted();

    /// <summary>A step of a plan.</summary>
    public sealed class Planned(Request.Planned request, AdmissionContext context, ISignatureScheme scheme, ReceiptVerifier receipts,
        string? without)
        : AdmissionCase(context, scheme, receipts)
    {
        public override Request.Planned Request => request;
        public PlanVerifier Plans { get; } = new(receipts, without);
        public Plan Plan => request.Plan.Plan;
        public Workflow Workflow => Plan.Workflow;
        public Instance Instance => Plan.Instance;
        public Step Subject => Workflow.Steps[request.StepIndex];
        public override string Name => $"step {Subject.Name} of {Workflow.Name}";
        public override Digest UnitId => Plan.UnitIdOf(Subject);
        public override string Function => Subject.Function;
        public override Digest PlanDigest => Plan.Digest;
        public override ushort Step => request.StepIndex;
        public override ushort Attempt => request.Attempt;
        public override Digest ReplayKey { get; } = RequestDigests.ReplayKey(request.Plan.Plan, request.StepIndex, request.Attempt);
        public override byte[] SignedPayload => RequestDigests.PlannedPayload(Context.Directory.ChainId, RequestDigest);
        public override PublicKey? Caller => Subject.Authorization is Authorization.Client ? Plan.Client : null;
        public override ProvenHeight? State => Proofs.HeightOf(Instance.StateUnit) is { Witness: not null } height ? height : null;
        public override Quota Quota { get; } = Quota.OfStep(request.Plan.Plan, request.StepIndex, IsSigned(request));
        public Digest IdOf(ushort unit) => Plan.Units[unit].UnitId;

        // By those who may ask for it; of what anyone may ask for, by the plan's client.
        private static bool IsSigned(Request.Planned request) =>
            request.Plan.Plan.Workflow.Steps[request.StepIndex].Authorization is not Authorization.Anyone
            || request.Signatures.Any(signature => signature.Key == request.Plan.Plan.Client);

        /// <summary>The key that a template stands for in this plan.</summary>
        public Bytes KeyOf(KeyTemplate template)
        {
            var key = new Encoder();
            foreach (var part in template.Parts)
                switch (part)
                {
                    case KeyPart.Fixed piece: key.Raw(piece.Value.Span); break;
                    case KeyPart.Parameter parameter: key.Raw((Instance.Parameter(parameter.Name) ?? Bytes.Empty).Span); break;
                    case KeyPart.Instance: key.Raw(Instance.Id.Span); break;
                    case KeyPart.Unit unit: key.Raw(IdOf(unit.Index).Span); break;
                }
            return Bytes.Wrap(key.ToArray());
        }

        public override AdmittedRequest ToAdmitted() => new(
            Transaction!, Inputs, Request.Cancels ? null : Caller, Signers, ReplayKey, PlanDigest, Step, RequestDigest, InputsDigest,
            Subject.Scope == Scope.Plan ? Plan.LastEpoch : Instance.CloseEpoch, Plan, StateRead, Proofs)
        {
            Quota = Quota,
            Cancels = Request.Cancels,
        };
    }

    /// <summary>A direct request.</summary>
    public sealed class Direct(Request.Direct request, AdmissionContext context, ISignatureScheme scheme, ReceiptVerifier receipts)
        : AdmissionCase(context, scheme, receipts)
    {
        public override Request.Direct Request => request;
        public override string Name => $"direct {request.Function}";
        public override Digest UnitId => request.UnitId;
        public override string Function => request.Function;
        public override Digest PlanDigest { get; } = RequestDigests.Direct(context.Directory.ChainId, request);
        public override ushort Step => 0;
        public override ushort Attempt => 0;
        public override Digest ReplayKey { get; } = RequestDigests.ReplayKey(request.Client, request.Nonce);
        public override byte[] SignedPayload => RequestDigests.DirectPayload(Context.Directory.ChainId, RequestDigest);
        public override PublicKey? Caller => request.Client;
        public override Quota Quota { get; } = Quota.OfDirect(request.Client, context.TimeMs);
        public override ProvenHeight? State => Proofs.Heights.FirstOrDefault(static height => height.Witness is not null);

        public override AdmittedRequest ToAdmitted() => new(
            Transaction!, Inputs, Caller, Signers, ReplayKey, PlanDigest, Step, RequestDigest, InputsDigest, request.LastEpoch, null, StateRead,
                Proofs)
        {
            Quota = Quota,
        };
    }

    /// <summary>The height whose witness the call reads; null where the transaction reads no state.</summary>
    public ProvenHeight? StateRead => Transaction?.Input(Admission.StateInput) is null ? null : State;
}
