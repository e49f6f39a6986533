using Protean.Client.Plans;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;
using Protean.Units.Contracts;
using Protean.Units.Execution;
using Xunit;

namespace Protean.Tests.Client;

public sealed class ProofTests(DrawnLottery drawn) : IClassFixture<DrawnLottery>
{
    private const int Draw = 0, Pick = 1, Commit = 2;

    [Fact]
    public void A_proof_has_one_form()
    {
        Assert.Equal(drawn.Proof, Canonical.Encode(drawn.File));
        Assert.Equal(ProofVerifier.Form, drawn.Verify(drawn.Proof[..^1]).Failed!.Code);
        Assert.Equal(ProofVerifier.Form, drawn.Verify([.. drawn.Proof, 0]).Failed!.Code);
        Assert.Equal(ProofVerifier.Form, drawn.Verify([]).Failed!.Code);
    }

    [Fact]
    public void A_good_proof_holds_and_says_so_in_text_and_JSON()
    {
        var report = drawn.Verify(drawn.Proof);
        Assert.True(report.Holds, string.Join('\n', report.ToText()));
        Assert.StartsWith("the proof holds on network", report.ToText().Last(), StringComparison.Ordinal);
        Assert.Contains("\"holds\":true", report.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_proof_of_another_network_is_refused() =>
        Assert.Equal("PRT-PRF-0002", ProofVerifier.Verify(drawn.Proof, Digest.Zero, drawn.Engine).Failed!.Code);

    [Fact]
    public async Task A_run_can_be_proven_after_others_changed_what_it_wrote()
    {
        var file = await drawn.JoinFile();
        var report = drawn.Verify(Canonical.Encode(file));
        Assert.True(report.Holds, string.Join('\n', report.ToText()));
        Assert.All(file.Steps, static step => Assert.Equal(ResultStatus.Ok, step.Status));
    }

    public static TheoryData<string> Changes => [.. Spoiled.Keys];

    [Theory]
    [MemberData(nameof(Changes))]
    public void Each_change_is_refused_by_the_check_that_is_there_for_it(string change)
    {
        var (code, spoil) = Spoiled[change];
        var failed = drawn.Verify(Canonical.Encode(spoil(drawn.File))).Failed;
        Assert.True(failed?.Code == code, $"{change}: {code} expected, got {failed?.Code} {failed?.Refusal}");
    }

    private static readonly SortedDictionary<string, (string Code, Func<ProofFile, ProofFile> Spoil)> Spoiled = new(StringComparer.Ordinal)
    {
        ["another genesis"] = ("PRT-PRF-0002", static file => file with { Genesis = file.Genesis with { TimeMs = 1 } }),
        ["a key's receipt of another unit"] = ("PRT-PRF-0006", static file => file with
        {
            Keys = [file.Keys[0] with { Receipt = file.Steps[Commit].Result.Receipt }],
        }),
        ["a key's outputs without its purpose"] = ("PRT-PRF-0006", static file => file with
        {
            Keys = [file.Keys[0] with { Outputs = new Outputs(file.Keys[0].Outputs.Values.Skip(1)) }],
        }),
        ["a dealing left out"] = ("PRT-PRF-0007", static file => file with
        {
            Keys = [file.Keys[0] with { Record = new([.. file.Keys[0].Record.Dealings.Skip(1)]) }],
        }),
        ["a step of another plan"] = ("PRT-PRF-0008", static file => With(file, Pick, static step => step with
        {
            Request = step.Request with { Plan = step.Request.Plan with { Plan = step.Request.Plan.Plan with { ClientNonce = 1 } } },
        })),
        ["another plan in all steps"] = ("PRT-PRF-0009", static file => file with
        {
            Steps = [.. file.Steps.Select(static step => step with
            {
                Request = step.Request with { Plan = step.Request.Plan with { Plan = step.Request.Plan.Plan with { ClientNonce = 1 } } },
            })],
        }),
        ["another step's receipt"] = ("PRT-PRF-0010", static file => With(file, Pick, step => step with
        {
            Result = step.Result with { Receipt = file.Steps[Draw].Result.Receipt },
        })),
        ["outputs that are not the receipt's"] = ("PRT-PRF-0011", static file => With(file, Draw, static step => step with
        {
            Result = step.Result with { Outputs = new Outputs([new NamedValue("value", new Bytes(new byte[64]))]) },
        })),
        ["a request that shows no state"] = ("PRT-PRF-0012", static file => With(file, Draw, static step => step with
        {
            Request = step.Request with { Proofs = step.Request.Proofs with { Heights = [] } },
        })),
        ["another state under the call"] = ("PRT-PRF-0013", static file => With(file, Pick, step => step with
        {
            Request = step.Request with { Proofs = step.Request.Proofs with { Heights = [file.FinalState!] }, Signatures = [] },
        })),
        ["a step left out that others build on"] = ("PRT-PRF-0015", static file => file with { Steps = [.. file.Steps.Skip(1)] }),
        ["a draw without a record"] = ("PRT-PRF-0016", static file => With(file, Draw, static step => step with
        {
            Result = step.Result with { Record = Bytes.Empty },
        })),
        ["a record where there is nothing to show"] = ("PRT-PRF-0017", static file => With(file, Pick, static step => step with
        {
            Result = step.Result with { Record = Bytes.Of("record") },
        })),
        ["no contract"] = ("PRT-PRF-0018", static file => file with { Contracts = [] }),
        ["a contract that nobody calls"] = ("PRT-PRF-0019", static file => file with
        {
            Contracts = [.. file.Contracts.Append(file.Contracts[0] with { UnitId = Digest.Zero }).OrderBy(static contract => contract.Id)],
        }),
        ["no final state"] = ("PRT-PRF-0021", static file => file with { FinalState = null }),
        ["an earlier state"] = ("PRT-PRF-0022", static file => file with { FinalState = file.Steps[Draw].Request.Proofs.Heights[0] }),
        ["no entries at the end"] = ("PRT-PRF-0023", static file => file with { FinalState = file.FinalState! with { Witness = null } }),
        ["entries of an earlier state"] = ("PRT-PRF-0023", static file => file with
        {
            FinalState = file.FinalState! with { Witness = file.Steps[Draw].Request.Proofs.Heights[0].Witness },
        }),
    };

    [Fact]
    public void Nodes_that_do_not_hold_their_keys_and_unsafe_units_are_refused_even_under_their_own_hash()
    {
        var genesis = drawn.File.Genesis;
        Assert.Equal("PRT-GEN-0001",
            Refused(genesis with { Nodes = [genesis.Nodes[0] with { Operator = "other" }, .. genesis.Nodes.Skip(1)] }));
        Assert.Equal("PRT-GEN-0005", Refused(genesis with { Nodes = [genesis.Nodes[1], .. genesis.Nodes.Skip(1)] }));
        Assert.Equal("PRT-GEN-0008", Refused(genesis with { Units = [genesis.Units[0] with { Quorum = 2 }, .. genesis.Units.Skip(1)] }));
        string Refused(Genesis spoiled) =>
            ProofVerifier.Verify(Canonical.Encode(drawn.File with { Genesis = spoiled }), spoiled.ChainId,
                drawn.Engine).Failed!.Refusal!.Code;
    }

    [Fact]
    public void An_epoch_that_the_directory_did_not_seal_is_refused()
    {
        var record = EpochRecord.OfGenesis(drawn.File.Genesis);
        var link = new EpochLink(record with { Epoch = 1, PreviousHash = record.Hash }, drawn.File.Steps[Commit].Result.Receipt);
        Assert.Equal("PRT-PRF-0005", Named(drawn.Verify(Canonical.Encode(drawn.File with { Epochs = [link] }))));
    }

    [Fact]
    public void A_quorum_that_seals_another_request_is_found_out() =>
        Assert.Equal("PRT-PRF-0014", Named(drawn.Verify(Canonical.Encode(With(drawn.File, Commit, step =>
            step with { Result = drawn.Lottery.Nodes.Reseal(step.Result, leaf => leaf with { RequestDigest = Digest.Zero }) })))));

    [Fact]
    public void An_execution_quorum_that_seals_another_winner_is_found_out()
    {
        var (pick, commit) = (drawn.File.Steps[Pick], drawn.File.Steps[Commit]);
        var effects = Canonical.Decode<Effects>(pick.Result.Output("effects").Span);
        var rigged = ExecutionUnit.OutputsOf(new(effects.Reads, effects.Prefixes, [], effects.Output));
        var picked = drawn.Lottery.Nodes.Reseal(pick.Result with { Outputs = rigged }, leaf => leaf with { OutputDigest = rigged.Digest });
        var shown = new Dependency(Pick, picked.Receipt, [rigged.Open("effects")]);
        var request = commit.Request with { Proofs = Proofs.None with { Dependencies = [shown] }, Signatures = [] };
        var inputs = RequestDigests.Inputs([new NamedValue("effects", rigged.Find("effects")!.Value)]);
        var committed = drawn.Lottery.Nodes.Reseal(commit.Result, leaf => leaf with
        {
            InputsDigest = inputs,
            RequestDigest = RequestDigests.Request(drawn.Lottery.Instance.StateUnit, leaf.PlanDigest, Commit, 0, inputs),
        });
        var file = With(With(drawn.File, Pick, step => step with { Result = picked }), Commit, _ => new StepOutcome(request, committed));
        Assert.Equal("PRT-PRF-0018", Named(drawn.Verify(Canonical.Encode(file))));
    }

    [Fact]
    public void A_state_quorum_that_shows_another_balance_is_found_out()
    {
        var written = Canonical.Decode<Effects>(drawn.File.Steps[Pick].Result.Output("effects").Span).Writes.First(static write =>
            write.Value is not null);
        var state = Protean.Tests.State.Maps.With(new MapEntry(written.Key, 1, default, Bytes.Of("another balance")));
        var root = new StateRoot([("data", state.Map.Current.Root)]);
        var final = drawn.File.FinalState!;
        var seal = drawn.Lottery.Nodes.Seal(final.Header with { StateRoot = root.Root });
        var witness = new StateWitness(root.Open("data"), state.Map.Current.Prove([written.Key], []));
        var file = drawn.File with { FinalState = new ProvenHeight(seal, witness) };
        Assert.Equal("PRT-PRF-0024", Named(drawn.Verify(Canonical.Encode(file))));
    }

    // The check that stopped the verifier, whichever verifier it called.
    private static string Named(ProofReport report) => report.Failed!.Code;

    private static ProofFile With(ProofFile file, int index, Func<StepOutcome, StepOutcome> change) =>
        file with { Steps = [.. file.Steps.Select((step, i) => i == index ? change(step) : step)] };
}
