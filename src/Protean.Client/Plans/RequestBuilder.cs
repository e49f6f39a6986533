using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Units.Contracts;
using Protean.Units.Execution;
using Protean.Workflows;

namespace Protean.Client.Plans;

/// <summary>Builds the request of a step with all that it must show: receipts of the steps before it, state and heights, beacon rounds, and
/// for a contract call the state that the contract reads (protocols 8.2, 8.6).</summary>
internal sealed class RequestBuilder(Session session, RunJournal journal, RunState state, IReadOnlyList<Identity> cosigners)
{
    private const string ExecutionClass = "execution";

    private Network Network => session.Network;
    private Plan Plan => state.Plan;

    /// <summary>Waits until the step's barrier is passed, as far as waiting helps, and signs.</summary>
    public async Task<Request.Planned> Build(ushort step, CancellationToken cancel)
    {
        var bare = new Request.Planned(journal.Plan, step, state.AttemptOf(step), ClientArguments(step), [], Proofs.None with
        {
            Dependencies = Dependencies(step),
            Stale = state.StaleBefore(step),
        });
        var unit = Network.Unit(Plan.UnitIdOf(Plan.Workflow.Steps[step]));
        var needs = new StepNeeds(CaseOf(bare, unit), LeastHeight);
        if (needs.Own is not { MinHeight: 0, MinTimeMs: 0 })
            await Network.Head(unit.UnitId, needs.Own.MinHeight, needs.Own.MinTimeMs, cancel);
        var isCall = unit.Class == ExecutionClass && Plan.Workflow.Steps[step].Function == Effects.Function;
        var request = isCall ? await WithWitness(bare, unit, needs, cancel) : await Show(bare, needs, cancel);
        return (Request.Planned)session.Sign(request, unit, Signers(step));
    }

    // Dry runs name what is missing until the witness is whole; the last one's witness is what the request shows.
    private async Task<Request.Planned> WithWitness(Request.Planned bare, UnitEntry unit, StepNeeds needs, CancellationToken cancel)
    {
        var shown = await Show(bare, needs, cancel);
        var call = CallOf(shown, unit);
        var need = needs.Of(Plan.Instance.StateUnit);
        need.MinHeight = Math.Max(need.MinHeight, LeastHeight(Plan.Instance.StateUnit));
        foreach (var (key, isPrefix) in Network.Hints.Guess(call.Contract, call.Method, NamesOf(call)))
            (isPrefix ? need.Prefixes : need.Keys).Add(key);
        var search = new WitnessSearch(need);
        for (var round = 0; round < WitnessSearch.MaxRounds; round++)
        {
            if (need.NeedsWitness)
            {
                shown = await Show(bare, needs, cancel);
                call = CallOf(shown, unit);
            }
            switch (await Network.Hint<DryRunAnswer>(unit.UnitId, DryRun.Name, Bytes.Wrap(Canonical.Encode(call)), cancel))
            {
                case DryRunAnswer.Wanted wanted:
                    search.Add(wanted.Key, wanted.IsPrefix);
                    break;
                case DryRunAnswer.Completed completed:
                    Network.Hints.Learn(call.Contract, call.Method, NamesOf(call), ReadBy(completed.Effects));
                    return shown;
                default:
                    // The failure is the unit's to seal: one member's word for it is not enough.
                    return shown;
            }
        }
        throw new RefusedException(ClientRefusals.NoWitness(Plan.Workflow.Steps[bare.StepIndex].Name, WitnessSearch.MaxRounds));
    }

    private static IEnumerable<(Bytes Key, bool IsPrefix)> ReadBy(Effects effects) =>
        [.. effects.Reads.Select(static read => (read.Key, false)), .. effects.Prefixes.Select(static prefix => (prefix.Prefix, true))];

    private static Bytes[] NamesOf(DryRun call)
    {
        Bytes[] names = [.. call.Arguments.Where(static argument => argument.Length == Digest.Size)];
        return call.Caller is { } caller ? [new Bytes(caller.Span), .. names] : names;
    }

    private DryRun CallOf(Request.Planned request, UnitEntry unit)
    {
        var transactions = Session.TransactionsOf(unit.Class);
        if (RequestSigning.TryResolve(request, Network.Directory, transactions, out var inputs) is { } refusal)
            throw new RefusedException(refusal);
        Bytes One(string name) => inputs!.First(input => input.Name == name).Value;
        return new DryRun(
            new Digest(One("contract").Span), One("method").ToText(),
            [.. inputs!.Where(static input => input.Name == ExecutionTransactions.ArgumentInput).Select(static input => input.Value)],
            Plan.Workflow.Steps[request.StepIndex].Authorization is Authorization.Client ? Plan.Client : null, Plan.Instance.Id,
            request.Proofs.HeightOf(Plan.Instance.StateUnit)?.Witness?.Proof);
    }

    private async Task<Request.Planned> Show(Request.Planned request, StepNeeds needs, CancellationToken cancel)
    {
        var heights = await Task.WhenAll(needs.Shown.Select(need => Show(need.Key, need.Value, cancel)));
        var beacons = await Task.WhenAll(needs.Beacons.Select(beacon =>
            Network.BeaconRound(beacon.Unit, beacon.Round, cancel)));
        return request with { Proofs = request.Proofs with { Heights = heights, Beacons = beacons } };
    }

    private async Task<ProvenHeight> Show(Digest unit, UnitNeed need, CancellationToken cancel)
    {
        if (!need.NeedsWitness) return new ProvenHeight(await Network.Head(unit, need.MinHeight, need.MinTimeMs, cancel), null);
        var least = need.MinTimeMs == 0 ? need.MinHeight : (await Network.Head(unit, need.MinHeight, need.MinTimeMs, cancel)).Header.Height;
        return await Network.State(unit, [.. need.Keys], [.. need.Prefixes], least, cancel);
    }

    private IReadOnlyList<NamedValue> ClientArguments(ushort step)
    {
        var names = Plan.Workflow.Steps[step].Arguments.Select(static argument => argument.Source).OfType<Source.Client>()
            .Select(static source => source.Name);
        return
        [
            .. names.Distinct().Order(StringComparer.Ordinal).Select(name => journal.Inputs.FirstOrDefault(input => input.Name == name)
                ?? throw new RefusedException(ClientRefusals.MissingInput(Plan.Workflow.Steps[step].Name, name))),
        ];
    }

    private IReadOnlyList<Dependency> Dependencies(ushort step)
    {
        var used = Plan.Workflow.Steps[step].Arguments.Select(static argument => argument.Source).OfType<Source.Output>().ToArray();
        return
        [
            .. Plan.Workflow.Steps[step].Dependencies.Select(index =>
            {
                var result = state.Outcomes[index]!.Result;
                var names = used.Where(source => source.Step == index).Select(static source => source.Name).Distinct()
                    .Order(StringComparer.Ordinal);
                return new Dependency(index, result.Receipt, [.. names.Select(name => Open(result, name))]);
            }),
        ];
    }

    private static Opening Open(Result result, string output) => result.Outputs.Find(output) is null
        ? throw new RefusedException(ClientRefusals.StepFailed(result.Receipt.Leaf.Function, "no output", output))
        : result.Outputs.Open(output);

    // A client reads its own writes: no height below those of its plan, of the results it builds on, and of what it was shown before.
    private ulong LeastHeight(Digest unit)
    {
        var results = journal.Outcomes.Select(static outcome => outcome.Result.Receipt.Header).Where(header =>
            header.Context.UnitId == unit);
        var least = results.Select(static header => header.Height).DefaultIfEmpty().Max();
        return Math.Max(Math.Max(least, Network.SeenHeight(unit)), unit == Plan.Instance.StateUnit ? Plan.StateHeight : 0);
    }

    private IReadOnlyList<Identity> Signers(ushort step) => Plan.Workflow.Steps[step].Authorization switch
    {
        // Also where anyone may ask: what others send is counted apart from what the plan's client does.
        Authorization.Anyone or Authorization.Client => [session.Identity],
        _ => [session.Identity, .. cosigners],
    };

    private AdmissionCase.Planned CaseOf(Request.Planned request, UnitEntry unit)
    {
        var context = new AdmissionContext(
            unit.UnitId, Network.Directory.CurrentEpoch, 0, 0, Session.TransactionsOf(unit.Class), Network.Directory,
            null);
        var receipts = new ReceiptVerifier(Network.Directory, Ed25519Scheme.Instance, new VerifiedSeals());
        return (AdmissionCase.Planned)AdmissionCase.Of(request, context, Ed25519Scheme.Instance, receipts, null);
    }
}
