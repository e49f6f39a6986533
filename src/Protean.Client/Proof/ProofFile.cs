using Protean.Client.Plans;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Client.Proof;

/// <summary>A contract's code, and the execution unit that it was published to.</summary>
public sealed record ContractCode(Digest UnitId, Bytes Code) : ICanonical<ContractCode>
{
    public Digest Id => Units.Execution.PublishedContracts.IdOf(UnitId, Code.Span);
    public void Encode(Encoder to) => to.Digest(UnitId).Bytes(Code.Span);
    public static ContractCode Decode(ref Decoder from) => new(from.Digest(), new Bytes(from.Bytes(Limits.MaxContractCode)));
}

/// <summary>All that a stranger needs to check one run of a workflow offline, knowing the network's genesis hash alone
/// (docs/proof-format.md).</summary>
/// <param name="Genesis">Whose hash is the network's name.</param>
/// <param name="Epochs">The links from the genesis on, as many as the run needs.</param>
/// <param name="Keys">Threshold keys of the randomness units that the run used, in order of unit.</param>
/// <param name="Contracts">The code of every contract that the run's calls reach, in order of identifier.</param>
/// <param name="Steps">The steps that ran, in order: request as submitted, receipt, outputs, record.</param>
/// <param name="FinalState">What the last commit wrote, at a sealed height; null where the run committed nothing.</param>
public sealed record ProofFile(
    Genesis Genesis, IReadOnlyList<EpochLink> Epochs, IReadOnlyList<ProvenKey> Keys, IReadOnlyList<ContractCode> Contracts,
    IReadOnlyList<StepOutcome> Steps, ProvenHeight? FinalState) : ICanonical<ProofFile>
{
    /// <summary>Keys and contracts in one file: many times what applications use.</summary>
    private const int MaxKeys = 16, MaxContracts = 64;

    private const byte Version = 1;

    private static readonly Bytes Magic = Bytes.Of("PROTEAN-PROOF\0");

    public void Encode(Encoder to) =>
        to.Raw(Magic.Span).U8(Version).Value(Genesis).List(Epochs).List(Keys).List(Contracts).List(Steps).Optional(FinalState);

    public static ProofFile Decode(ref Decoder from)
    {
        if (from.Left > Limits.MaxProofFile) throw new MalformedException($"{from.Left} bytes, at most {Limits.MaxProofFile} allowed");
        if (from.Left < Magic.Length || !from.Raw(Magic.Length).SequenceEqual(Magic.Span))
            throw new MalformedException("the first bytes are another file's");
        if (from.U8() is var version and not Version) throw new MalformedException($"proof version {version}, {Version} expected");
        var file = new ProofFile(
            from.Value<Genesis>(), from.List<EpochLink>((int)Limits.MaxInstanceEpochs), from.List<ProvenKey>(MaxKeys),
                from.List<ContractCode>(MaxContracts), from.List<StepOutcome>(Limits.MaxSteps),
            from.Optional<ProvenHeight>());
        if (file.Steps.Count == 0) throw new MalformedException("a proof of no step");
        Ascending.Require(file.Keys, static key => key.UnitId, "keys");
        Ascending.Require(file.Contracts, static contract => contract.Id, "contracts");
        Ascending.Require(file.Steps, static step => step.Step, "steps");
        return file;
    }
}
