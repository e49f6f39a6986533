using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Campaigns;
using Protean.Simulator.Runs;
using Protean.Units.Directory;

namespace Protean.Cli.Simulation;

/// <summary>Nodes that register their keys of the next epoch.</summary>
internal sealed class DirectoryWorkload : IWorkload
{
    private const int Registrations = 8;
    private const ulong NextEpoch = 1;

    public IFunctionalUnit Unit { get; } = new DirectoryUnit();
    public ISignatureScheme Scheme => Ed25519Scheme.Instance;
    public IReadOnlyList<NamedValue> Parameters => [];

    public void Begin(UnitRun run) => Workloads.Spread(run, Registrations, number =>
    {
        var node = Surroundings.IdentityKey(new MemberId((ushort)(1 + (number % (ulong)run.Network.Committee.Size))));
        run.Ask(Register(run.Network, node, number), done =>
            Invariants.NothingLost.Require(done.Receipt.Leaf.Status == ResultStatus.Ok, () => $"a node could not register its key: {done.Outputs.Find("message")?.ToText()}"), node);
    });

    public Request Probe(UnitRun run, ulong nonce) => Register(run.Network, Surroundings.Client, nonce);

    private static Request.Direct Register(Surroundings network, SigningKey node, ulong number)
    {
        var next = SigningKey.FromSeed(Hash.H("simulated/next", BitConverter.GetBytes(number)).Span);
        var context = ProofOfPossession.Context(network.Directory.ChainId, NodeRecord.NodeIdOf(node.PublicKey), NextEpoch, NextKeyCase.KeyKind);
        return Workloads.Direct(
            network, DirectoryTransactions.RegisterEpochKey.Name, number, new NamedValue("consensusKey", new Bytes(next.PublicKey.Span)),
            new NamedValue("epoch", Values.OfU64(NextEpoch)), new NamedValue("possession", new Bytes(ProofOfPossession.Prove(context, next).Span)))
            with
        { Client = node.PublicKey };
    }
}
