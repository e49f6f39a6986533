using Protean.Consensus;
using Protean.Runtime;
using Protean.Simulator.Byzantine;
using Protean.Simulator.Campaigns;
using Unit = Protean.Runtime.IProtocol<Protean.Runtime.UnitMessage, Protean.Runtime.UnitEvent>;

namespace Protean.Simulator.Runs;

/// <summary>Puts the deed of a Byzantine member around it.</summary>
internal sealed class Deeds(Surroundings network, Func<Dice> dice, string? shared)
{
    private readonly Collusion _collusion = new();

    /// <param name="again">Another copy of the member on an empty disk.</param>
    public Unit Disguise(string deed, MemberId self, Unit member, Func<Unit> again)
    {
        MemberId[] others = [.. network.Committee.Ids.Where(id => id != self)];
        var key = Surroundings.ConsensusKey(self);
        return deed switch
        {
            Faults.Withhold => new Withholder<UnitMessage, UnitEvent>(member, dice(), 500) { Others = others },
            Faults.Select => new SelectiveSender<UnitMessage, UnitEvent>(member, others.Take(others.Length / 2).ToHashSet()) { Others = others },
            Faults.Garbage => new GarbageSender<UnitMessage, UnitEvent>(member, dice()) { Others = others },
            Faults.Oversize => new OversizeSender(member, dice()) { Others = others },
            Faults.Replay => new Replayer<UnitMessage, UnitEvent>(member, dice()) { Others = others },
            Faults.Transplant => new Transplanter(member, network, dice()) { Others = others },
            Faults.Forge => new Forger(member, self, network, dice()) { Others = others },
            Faults.Mutate => new Mutator(member, self, network, dice()) { Others = others },
            Faults.WrongSeal => new WrongSealer(member, dice()) { Others = others },
            Faults.WrongShare => new WrongSharer(member, self, shared ?? "", network) { Others = others },
            Faults.WrongDeal => new WrongDealer(member, self, network, dice()) { Others = others },
            Faults.FalseComplaint => new FalseComplainer(member, self, network, dice()) { Others = others },
            Faults.Twins => new Twins<UnitMessage, UnitEvent>(member, again()),
            Faults.Equivocate => new WithinOrdering(member, inner => new Equivocator(inner, network.Context, key, network.Scheme, _collusion) { Others = others }),
            Faults.Skip => new WithinOrdering(member, inner => new Skipper(inner, key, network.Scheme, dice()) { Others = others }),
            _ => member,
        };
    }

    /// <summary>The member inside whatever is around it.</summary>
    public static UnitMember? Unwrap(Unit? member) => member switch
    {
        UnitMember unit => unit,
        Interceptor<UnitMessage, UnitEvent> around => Unwrap(around.Inner),
        WithinOrdering around => Unwrap(around.Inner),
        Twins<UnitMessage, UnitEvent> twins => Unwrap(twins.First),
        _ => null,
    };
}
