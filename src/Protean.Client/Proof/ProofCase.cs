using Protean.Client.Plans;
using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Units.Contracts;
using Protean.Units.Execution;
using Protean.Workflows;

namespace Protean.Client.Proof;

/// <summary>A proof file under verification, with what the checks found on their way: each relies only on what those before it
/// established.</summary>
internal sealed class ProofCase(ProofFile file, Digest network, IContractEngine engine)
{
    private LinkedDirectory? _directory;
    private ReceiptVerifier? _receipts;

    public ProofFile File => file;
    public Digest Network => network;
    public IContractEngine Engine => engine;
    public Genesis Genesis => file.Genesis;
    public Plan Plan => file.Steps[0].Request.Plan.Plan;

    /// <summary>Of the verified genesis, and the epochs that follow from it.</summary>
    public LinkedDirectory Directory => _directory ??= new LinkedDirectory(file.Genesis);

    public VerifiedSeals Seals { get; } = new();
    public ReceiptVerifier Receipts => _receipts ??= new ReceiptVerifier(Directory, Ed25519Scheme.Instance, Seals);

    /// <summary>Requests that were judged anew, by step.</summary>
    public SortedDictionary<ushort, AdmittedRequest> Admitted { get; } = [];

    /// <summary>Keys found again from their dealings, by unit.</summary>
    public SortedDictionary<Digest, GeneratedKey> Keys { get; } = [];

    /// <summary>Effects found again by running the contracts, by step.</summary>
    public SortedDictionary<ushort, Effects> Effects { get; } = [];

    /// <summary>Contracts that were asked for on the way.</summary>
    public SortedSet<Digest> Called { get; } = [];

    /// <summary>Steps whose result rests on no quorum's word.</summary>
    public SortedSet<ushort> Recomputed { get; } = [];

    public Refusal? Follow(EpochLink link)
    {
        if (Directory.Refusal(link, Ed25519Scheme.Instance) is { } refusal) return refusal;
        _directory = Directory.With(link, Ed25519Scheme.Instance);
        return null;
    }

    public Digest UnitIdOf(StepOutcome step) => Plan.UnitIdOf(StepOf(step));
    public UnitEntry? UnitOf(StepOutcome step) => Directory.Find(UnitIdOf(step));
    public Step StepOf(StepOutcome step) => Plan.Workflow.Steps[step.Step];
    public IEnumerable<StepOutcome> StepsOf(string unitClass) => file.Steps.Where(step => UnitOf(step)?.Class == unitClass);

    /// <summary>The state of the file's last commit that ended well.</summary>
    public StepOutcome? LastCommit => StepsOf(PlanVerifier.StateClass).LastOrDefault(static step =>
        step.Status == ResultStatus.Ok && step.Result.Receipt.Leaf.Function == Units.State.StateTransactions.Commit.Name);

    /// <summary>Called by contracts under way.</summary>
    public Bytes? CodeOf(Digest unit, Digest contract)
    {
        Called.Add(contract);
        return file.Contracts.FirstOrDefault(code => code.UnitId == unit && code.Id == contract)?.Code;
    }

    public ProvenRun ToRun() => new(Plan.Instance.Id, Plan.Workflow.Name, [.. file.Steps.Select(ToStep)]);

    private ProvenStep ToStep(StepOutcome step)
    {
        var (leaf, header) = (step.Result.Receipt.Leaf, step.Result.Receipt.Header);
        return new ProvenStep(
            step.Name, UnitOf(step)!.Class, leaf.Function, leaf.Status, header.Height, header.TimeMs, leaf.RequestDigest,
                step.Result.Outputs,
            Recomputed.Contains(step.Step) ? "recomputed" : "quorum");
    }
}

/// <summary>One check of a proof file.</summary>
/// <param name="Code">Its own.</param>
/// <param name="What">What must hold, in one sentence.</param>
/// <param name="Look">One item for each part that is judged: null where it holds.</param>
internal sealed record ProofCheck(string Code, string What, Func<ProofCase, IEnumerable<Finding?>> Look)
{
    public ProofLine Run(ProofCase proof)
    {
        var held = 0;
        foreach (var finding in Look(proof))
        {
            if (finding is not null) return new ProofLine(Code, What, held, RefusalOf(finding));
            held++;
        }
        return new ProofLine(Code, What, held, null);
    }

    private Refusal RefusalOf(Finding finding) => finding.Cause is { } cause
        ? cause with
        {
            Where = cause.Where.Length == 0 ? finding.Where : finding.Where.Length == 0 ? cause.Where
            : $"{finding.Where}, {cause.Where}"
        }
        : new Refusal(Code, What, finding.Where, finding.Expected, finding.Got, Advice: "Discard the proof, and ask for another one.");
}
