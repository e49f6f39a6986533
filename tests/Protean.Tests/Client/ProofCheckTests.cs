using Protean.Client.Plans;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Sealing;
using Protean.State;
using Protean.Tests.Tidy;
using Protean.Units.Contracts;
using Xunit;

namespace Protean.Tests.Client;

/// <summary>Each check of a proof file refuses something that nothing else does: a file that is accepted if only that check is left
/// out.</summary>
public sealed class ProofCheckTests(DrawnLottery drawn) : IClassFixture<DrawnLottery>
{
    private const int Draw = 0, Pick = 1, Commit = 2;

    /// <summary>Checks without such a file, and why there is none (docs/proof-format.md).</summary>
    private static readonly SortedDictionary<string, string> NeverAlone = new(StringComparer.Ordinal)
    {
        ["PRT-PRF-0001"] = "every later check reads what it decodes",
        ["PRT-PRF-0003"] = "the genesis' hash is in all that is signed, so the whole network would have to run on that genesis; "
            + "each of its rules is left out in GenesisRulesTests",
        ["PRT-PRF-0004"] = "as 0003",
        ["PRT-PRF-0009"] = "0012 verifies the plan again as a part of admission; here it is verified before anything relies on it",
        ["PRT-PRF-0012"] = "every later check reads what it admits; each of its own checks is left out in AdmissionTests",
    };

    /// <summary>Checks that refuse what an earlier one refuses too, if that were not there.</summary>
    private static readonly SortedDictionary<string, string> Behind = new(StringComparer.Ordinal)
    {
        // 0018 fixes a call's outputs and 0015 which call the commit builds on: together they leave no other effects to commit, where the
        // plan binds the effects to a call.
        ["PRT-PRF-0020"] = "PRT-PRF-0018",
    };

    public static TheoryData<string> Codes => [.. ProofVerifier.Codes.Where(static code => !NeverAlone.ContainsKey(code))];

    [Fact]
    [LeavesOut(typeof(ProofVerifier), nameof(ProofVerifier.Codes))]
    public void Every_check_has_a_file_that_it_alone_refuses_or_a_reason_why_there_is_none() =>
        Assert.Equal(ProofVerifier.Codes, NeverAlone.Keys.Concat(Files.Keys).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task Each_check_refuses_a_file_that_is_accepted_without_it(string code)
    {
        var bytes = Canonical.Encode(await Files[code](drawn));
        string[] before = Behind.TryGetValue(code, out var earlier) ? [earlier] : [];
        var network = code == "PRT-PRF-0002" ? Digest.Zero : drawn.Lottery.Network.ChainId;
        var failed = ProofVerifier.Verify(bytes, network, drawn.Engine, before).Failed;
        Assert.True(failed?.Code == code, $"{code} expected, got {failed?.Code} {failed?.Refusal}");
        var report = ProofVerifier.Verify(bytes, network, drawn.Engine, [code, .. before]);
        Assert.True(report.Holds, $"without {code}: {report.Failed?.Code} {report.Failed?.Refusal}");
    }

    private static readonly SortedDictionary<string, Func<DrawnLottery, Task<ProofFile>>> Files = new(StringComparer.Ordinal)
    {
        // The good file, with another network expected.
        ["PRT-PRF-0002"] = static drawn => Changed(drawn, static file => file),
        ["PRT-PRF-0005"] = static drawn => Changed(drawn, static file => file with { Epochs = [Unsealed(file)] }),
        ["PRT-PRF-0006"] = static drawn => Changed(drawn, static file => file with
        {
            Keys = [file.Keys[0] with { Receipt = Forged(file.Keys[0].Receipt) }],
        }),
        // A run that uses no key: one that is used must be there for 0016.
        ["PRT-PRF-0007"] = static async drawn => await drawn.JoinFile() with
        {
            Keys = [drawn.File.Keys[0] with { Record = new([.. drawn.File.Keys[0].Record.Dealings.Skip(1)]) }],
        },
        // The same plan, sealed by other members of the compiler.
        ["PRT-PRF-0008"] = static drawn => With(drawn, Pick, step => step with
        {
            Request = step.Request with { Plan = step.Request.Plan with { Receipt = SealedByOthers(drawn, step.Request.Plan.Receipt) } },
        }),
        ["PRT-PRF-0010"] = static drawn => With(drawn, Commit, static step => step with
        {
            Result = step.Result with { Receipt = Forged(step.Result.Receipt) },
        }),
        ["PRT-PRF-0011"] = static drawn => With(drawn, Commit, static step => step with
        {
            Result = step.Result with { Outputs = new Outputs([.. step.Result.Outputs.Values, new NamedValue("zero", Bytes.Empty)]) },
        }),
        ["PRT-PRF-0013"] = static drawn => With(drawn, Commit, step => step with
        {
            Result = drawn.Lottery.Nodes.Reseal(step.Result, static leaf => leaf with { InputsDigest = Digest.Zero }),
        }),
        ["PRT-PRF-0014"] = static drawn => With(drawn, Commit, step => step with
        {
            Result = drawn.Lottery.Nodes.Reseal(step.Result, static leaf => leaf with { RequestDigest = Digest.Zero }),
        }),
        ["PRT-PRF-0015"] = static drawn => Changed(drawn, static file => file with { Steps = [.. file.Steps.Skip(1)] }),
        ["PRT-PRF-0016"] = static drawn => With(drawn, Draw, static step => step with
        {
            Result = step.Result with { Record = Bytes.Empty },
        }),
        ["PRT-PRF-0017"] = static drawn => With(drawn, Pick, static step => step with
        {
            Result = step.Result with { Record = Bytes.Of("record") },
        }),
        // Without its commit, which 0020 compares with what was run again.
        ["PRT-PRF-0018"] = static drawn => Changed(drawn, static file => file with
        {
            Steps = [.. file.Steps.Take(Commit)],
            Contracts = [],
            FinalState = null,
        }),
        ["PRT-PRF-0019"] = static drawn => Changed(drawn, static file => file with
        {
            Contracts =
            [
                .. file.Contracts.Append(file.Contracts[0] with { UnitId = Digest.Zero }).OrderBy(static contract => contract.Id),
            ],
        }),
        ["PRT-PRF-0020"] = static drawn => Changed(drawn, static file => file with { Contracts = [] }),
        ["PRT-PRF-0021"] = static drawn => Changed(drawn, static file => file with { Steps = [.. file.Steps.Take(Commit)] }),
        ["PRT-PRF-0022"] = static drawn => Final(drawn, static final => final with
        {
            Seal = final.Seal with { Certificate = final.Seal.Certificate with { Signatures = [default, default, default] } },
        }),
        ["PRT-PRF-0023"] = static drawn => Final(drawn, static final => final with
        {
            Witness = final.Witness! with { Map = final.Witness.Map with { Name = "other" } },
        }),
        ["PRT-PRF-0024"] = static drawn => Final(drawn, final => AnotherBalance(drawn, final)),
    };

    [Fact]
    public async Task Code_that_no_unit_would_take_is_refused_and_not_run()
    {
        var file = await Changed(drawn, static file => file with { Contracts = [new ContractCode(Digest.Zero, Bytes.Of("code"))] });
        var failed = drawn.Verify(Canonical.Encode(file)).Failed!;
        Assert.Equal("PRT-PRF-0018", failed.Code);
        Assert.StartsWith("PRT-WSM-", failed.Refusal!.Code, StringComparison.Ordinal);
    }

    private static EpochLink Unsealed(ProofFile file)
    {
        var record = EpochRecord.OfGenesis(file.Genesis);
        return new EpochLink(record with { Epoch = 1, PreviousHash = record.Hash }, file.Steps[Commit].Result.Receipt);
    }

    // The leaf stays, which others name by its hash; its place in the results does not hold.
    private static Receipt Forged(Receipt receipt) => receipt with { Index = receipt.Index + 1 };

    private static Receipt SealedByOthers(DrawnLottery drawn, Receipt receipt)
    {
        var seal = drawn.Lottery.Nodes.Seal(receipt.Header, first: 1);
        return receipt with { Seal = seal != receipt.Seal ? seal : drawn.Lottery.Nodes.Seal(receipt.Header, first: 2) };
    }

    private static Protean.Runtime.ProvenHeight AnotherBalance(DrawnLottery drawn, Protean.Runtime.ProvenHeight final)
    {
        var written = Canonical.Decode<Effects>(drawn.File.Steps[Pick].Result.Output("effects").Span).Writes
            .First(static write => write.Value is not null);
        var state = Protean.Tests.State.Maps.With(new MapEntry(written.Key, 1, default, Bytes.Of("another balance")));
        var root = new StateRoot([("data", state.Map.Current.Root)]);
        var seal = drawn.Lottery.Nodes.Seal(final.Header with { StateRoot = root.Root });
        return new(seal, new StateWitness(root.Open("data"), state.Map.Current.Prove([written.Key], [])));
    }

    private static Task<ProofFile> Changed(DrawnLottery drawn, Func<ProofFile, ProofFile> change) => Task.FromResult(change(drawn.File));

    private static Task<ProofFile> With(DrawnLottery drawn, int index, Func<StepOutcome, StepOutcome> change) =>
        Changed(drawn, file => file with { Steps = [.. file.Steps.Select((step, i) => i == index ? change(step) : step)] });

    private static Task<ProofFile> Final(DrawnLottery drawn, Func<Protean.Runtime.ProvenHeight, Protean.Runtime.ProvenHeight> change) =>
        Changed(drawn, file => file with { FinalState = change(file.FinalState!) });
}
