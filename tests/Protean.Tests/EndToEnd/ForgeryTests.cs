using Protean.Client;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.EndToEnd;

[Collection(OnALiveNetwork.Name)]
public sealed class ForgeryTests(LiveNetwork live) : LiveTests(live)
{
    private const string Theft = """
        name: theft
        contracts:
          lottery: lottery.wasm
          token: token.wasm
        workflows:
          steal:
            client:
              randomness:
                type: bytes
                max: 64
            steps:
              - id: pick
                run: execution.call
                with:
                  contract: ${contracts.lottery}
                  method: finish
                  argument: ["${client.randomness}"]
              - id: commit
                run: state.commit
                with:
                  effects: ${steps.pick.effects}
          twice:
            client:
              from: key
              to: key
              amount: u64
            steps:
              - id: pay
                run: execution.call
                with:
                  contract: ${contracts.token}
                  method: transfer
                  argument:
                    - hex: "2100000001"
                    - ${client.from}
                    - hex: "2100000001"
                    - ${client.to}
                    - ${client.amount}
              - id: commit
                run: state.commit
                with:
                  effects: ${steps.pay.effects}
              - id: again
                run: state.commit
                after: [commit]
                with:
                  effects: ${steps.pay.effects}
        """;

    [Fact]
    public async Task A_plan_counts_only_as_the_compiler_has_sealed_it()
    {
        var (payer, thief) = (Live.Users(1)[0], Live.Users(1)[0]);
        var honest = await Prepare(payer, await payer.Compile(Live.Coins, "transfer", Cancel), Transfer(payer, thief, 5), "pay");
        var plan = honest.Plan;
        var changed = plan with { Plan = plan.Plan with { ClientNonce = plan.Plan.ClientNonce + 1 } };
        await Refused("PRT-PLN-0013", Sign(honest with { Plan = changed }, payer));

        // Compiled by those who sign another unit's receipts, and by nobody but the thief.
        var byOthers = (await payer.Publish(Live.Workflows[0], cancel: Cancel)).Receipt;
        await Refused("PRT-RCT-0007", Sign(honest with { Plan = plan with { Receipt = byOthers } }, payer));
        var seal = plan.Receipt.Seal;
        var signers = seal.Certificate.Signers;
        var forged = QuorumSignature.Of(
            LiveNetwork.MemberCount, signers.Select(member => KeyValuePair.Create(member, thief.Identity.Sign(seal.Header.SignedPayload()).Signature)));
        var byThief = plan with { Receipt = plan.Receipt with { Seal = seal with { Certificate = forged } } };
        await Refused("PRT-RCT-0005", Sign(honest with { Plan = byThief }, payer));
        (await Live.Network.Submit(honest, Cancel)).RequireOk();
    }

    [Fact]
    public async Task A_step_goes_on_only_from_the_receipts_and_outputs_of_its_own_plan()
    {
        var (payer, other) = (Live.Users(1)[0], Live.Users(1)[0]);
        var commit = await Paid(payer, other, 7);
        var (shown, foreign) = (commit.Proofs.Dependencies[0], (await Paid(payer, other, 9)).Proofs.Dependencies[0]);
        await Refused("PRT-RCT-0011", Sign(With(commit, foreign), payer));
        await Refused("PRT-RCT-0014", Sign(With(commit, shown with { Openings = foreign.Openings }), payer));
        await Refused("PRT-RCT-0007", Sign(With(commit, shown with { Receipt = commit.Plan.Receipt }), payer));
        await Refused("PRT-RCT-0006", Sign(With(commit, shown with { Receipt = Spoiled(shown.Receipt) }), payer));
        (await Live.Network.Submit(commit, Cancel)).RequireOk();
        Assert.Equal(LiveNetwork.FundsEach - 7, await Balance(payer));

        // What the commit gave back stands in the same plan, in another step of another unit.
        var done = await Live.Network.Submit(commit, Cancel);
        var plan = await payer.Compile(Live.Coins, "transfer", Cancel);
        var next = await Prepare(payer, plan, Transfer(payer, other, 1), "commit");
        await Refused("PRT-RCT-0007", Sign(With(next, shown with { Receipt = done.Receipt }), payer));
    }

    [Fact]
    public async Task A_call_is_committed_once_even_by_a_workflow_that_asks_twice()
    {
        var flows = await Live.Deploy(Theft);
        var (payer, other) = (Live.Users(1)[0], Live.Users(1)[0]);
        var instance = await LiveNetwork.Instantiate(payer, "twice", flows.Where(static flow => flow.Name == "twice"));
        var run = await payer.Run(instance, "twice", Transfer(payer, other, 11), cancel: Cancel);
        Assert.Equal(ResultStatus.Ok, run.Find("commit")!.Status);
        Assert.Equal(ResultStatus.Failed, run.Find("again")!.Status);
        Assert.StartsWith("PRT-STA-0114", run.Failure!.Got, StringComparison.Ordinal);
        Assert.Equal((LiveNetwork.FundsEach - 11, LiveNetwork.FundsEach + 11), (await Balance(payer), await Balance(other)));
    }

    [Fact]
    public async Task A_stranger_with_randomness_of_his_own_choosing_reaches_no_lottery_but_his_own()
    {
        var (sale, buyers) = await Sale.Sold(Live, tickets: 2, TimeSpan.FromMinutes(30));
        await sale.Closed();
        var flows = (await Live.Deploy(Theft)).Where(static flow => flow.Name == "steal").ToArray();
        NamedValue[] chosen = [new("randomness", Bytes.Wrap(new byte[64]))];
        var thief = buyers[0];
        var own = await LiveNetwork.Instantiate(thief, "theft", flows);
        await Fails("PRT-EXE-0110", "[code 18 ", () => thief.Run(own, "steal", chosen, cancel: Cancel));

        // With the lottery's instance in place of his own, be it under the compiler's seal of his own plan or by a plan that he asks for.
        var plan = await thief.Compile(own, "steal", Cancel);
        var stolen = plan with { Plan = plan.Plan with { Instance = sale.Instance } };
        var pick = new Request.Planned(plan, 0, 0, chosen, [], Proofs.None);
        await Refused("PRT-PLN-0003", Sign(pick with { Plan = stolen }, thief));
        await Fails("PRT-CLI-0008", "", () => thief.Run(sale.Instance, "steal", chosen, cancel: Cancel));
        (await sale.Reveal(buyers[1])).RequireSuccess();
    }

    [Fact]
    public async Task Nobody_moves_the_coins_of_others()
    {
        var (owner, thief) = (Live.Users(1)[0], Live.Users(1)[0]);
        await Fails("PRT-EXE-0110", "[code 17 ", () => thief.Run(Live.Coins, "transfer", Transfer(owner, thief, 5), cancel: Cancel));
        var honest = await Prepare(owner, await owner.Compile(Live.Coins, "transfer", Cancel), Transfer(owner, thief, 5), "pay");
        await Refused("PRT-ADM-0013", Sign(honest with { Signatures = [] }, thief));
        await Refused("PRT-ADM-0012", honest with { ClientArguments = Transfer(owner, thief, 500) });
    }

    private async Task<Request.Planned> Paid(Session payer, Session to, ulong amount) =>
        await Prepare(payer, await payer.Compile(Live.Coins, "transfer", Cancel), Transfer(payer, to, amount), "commit");

    private static Request.Planned With(Request.Planned request, Dependency shown) =>
        request with { Proofs = request.Proofs with { Dependencies = [shown] } };

    private static Receipt Spoiled(Receipt receipt) => receipt with { Leaf = receipt.Leaf with { OutputDigest = Digest.Zero } };
}
