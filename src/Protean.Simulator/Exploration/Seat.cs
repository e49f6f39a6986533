using Protean.Consensus;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Simulator.Exploration;

/// <summary>One production member with its disk and an application that always has something to do. Can be copied and restarted.</summary>
internal sealed class Seat : IApplication
{
    private readonly World _world;
    private readonly ulong _ahead;

    /// <param name="world">Common to all.</param>
    /// <param name="id">Which member; two seats may hold the same.</param>
    /// <param name="ahead">Milliseconds by which this seat's clock is ahead.</param>
    /// <param name="disk">What it finds at its start.</param>
    public Seat(World world, MemberId id, ulong ahead, VersionedStore disk)
    {
        (_world, Id, _ahead, Store) = (world, id, ahead, disk);
        Member = World.Build(id, this, Store);
    }

    public MemberId Id { get; }
    public VersionedStore Store { get; }
    public SimplexMember Member { get; }
    public UnixMs Now => new(World.TimeOf(Member.View) + _ahead);

    public bool IsValid(Entry entry) => true;
    public UnixMs? NextDue => Now;
    public SealedHeader? LastSeal => null;
    public bool SealHolds(SealedHeader seal) => false;

    public void Start(Outbox outbox)
    {
        Member.Start(outbox.Of(this));
        if (_world.EndsEpoch) Member.Submit(World.EpochEntry, outbox.Of(this));
    }

    /// <summary>The same member after a crash, on a disk that it left.</summary>
    public Seat RestartOn(VersionedStore disk) => new(_world, Id, _ahead, disk);
}

/// <summary>What one input makes a member send and output.</summary>
internal sealed class Outbox : IEffects<ConsensusMessage, FinalizedBlock>
{
    private Seat? _seat;

    /// <summary>To whom, or null for everybody.</summary>
    public List<(MemberId? To, ConsensusMessage Message)> Sent { get; } = [];
    public List<Block> Output { get; } = [];

    public UnixMs Now => _seat!.Now;

    public Outbox Of(Seat seat)
    {
        _seat = seat;
        return this;
    }

    public void Send(MemberId to, ConsensusMessage message) => Sent.Add((to, message));
    public void Broadcast(ConsensusMessage message) => Sent.Add((null, message));
    public void SetTimer(TimerId timer, TimeSpan delay) { }
    public void Run(Job job) => job.Work()();
    void IEffects<ConsensusMessage, FinalizedBlock>.Output(FinalizedBlock output) => Output.Add(output.Block);
}
