using Protean.Runtime;
using Protean.Simulator.Campaigns;

namespace Protean.Simulator.Runs;

/// <summary>Draws what goes wrong in a run, and makes it happen.</summary>
internal sealed class Chaos
{
    private readonly RunSettings _settings;
    private readonly Dice _dice;
    private readonly int _size;
    private readonly int _duration;

    /// <param name="faulty">The most members that may be more than slow or restarted.</param>
    /// <param name="withKeys">Members deal shares, so they may deal wrong ones.</param>
    public Chaos(RunSettings settings, Dice dice, int size, int faulty, int duration, bool withKeys)
    {
        (_settings, _dice, _size, _duration) = (settings, dice, size, duration);
        string[] all = [.. Faults.Deeds, .. withKeys ? Faults.KeyDeeds : [], .. Faults.DiskFaults, .. Faults.Afflictions];
        string[] allowed = [.. all.Where(settings.Allows)];
        if (allowed.Length == 0) return;
        var count = settings.Faulty ?? dice.Between(0, faulty);
        while (Faulty.Count < count) Faulty[new MemberId((ushort)dice.Between(1, size))] = dice.Pick(allowed);
    }

    /// <summary>What is wrong with whom, for the whole run.</summary>
    public SortedDictionary<MemberId, string> Faulty { get; } = [];

    public bool IsByzantine(MemberId member) =>
        Faulty.TryGetValue(member, out var fault) && !Forgets(member) && !Faults.Afflictions.Contains(fault);

    /// <summary>Its disk is not always the one that it had.</summary>
    public bool Forgets(MemberId member) => Faulty.TryGetValue(member, out var fault) && Faults.DiskFaults.Contains(fault);

    public void Schedule<TMessage, TOutput>(Simulation<TMessage, TOutput> simulation) where TMessage : class, Codec.ICanonical<TMessage>
    {
        var slow = _settings.Allows(Faults.Delay);
        simulation.Conditions = new NetworkConditions(
            Drawn(Faults.Loss, 300), Drawn(Faults.Duplicate, 500), 1, slow ? _dice.Between(1, 300) : 10, slow ? _dice.Between(0, 50) : 0, 5000);
        simulation.CrashPerMille = Math.Max(Drawn(Faults.CrashAmidst, 6), Drawn(Faults.TornWrite, 6));
        simulation.TearsWrites = _settings.Allows(Faults.TornWrite);
        simulation.MaxJobDelay = 50;
        if (_settings.Allows(Faults.Crash) && _dice.Chance(400)) Restart(simulation, AnyOne(), Faults.Crash);
        if (_settings.Allows(Faults.FullDisk) && _dice.Chance(300)) At(simulation, () => simulation[AnyOne()].FillDisk());
        if (_settings.Allows(Faults.PowerCut) && _dice.Chance(200)) At(simulation, () => CutPower(simulation));
        string[] cuts = [.. new[] { Faults.Partition, Faults.OneWay, Faults.Staggered }.Where(_settings.Allows)];
        if (cuts.Length > 0)
            for (var at = _dice.Between(0, 8000); at < _duration; at += _dice.Between(1000, 10_000)) Cut(simulation, _dice.Pick(cuts), at);
        foreach (var (member, fault) in Faulty) Afflict(simulation, member, fault);
    }

    /// <summary>The network works from now on; who is damaged stays so.</summary>
    public static void Heal<TMessage, TOutput>(Simulation<TMessage, TOutput> simulation) where TMessage : class, Codec.ICanonical<TMessage>
    {
        simulation.Conditions = new NetworkConditions(MaxDelay: 100);
        simulation.CrashPerMille = 0;
        simulation.Link = Links.All;
    }

    private int Drawn(string fault, int most) => _settings.Allows(fault) ? _dice.Between(0, most) : 0;

    private MemberId AnyOne() => new((ushort)_dice.Between(1, _size));

    private void At<TMessage, TOutput>(Simulation<TMessage, TOutput> simulation, Action action) where TMessage : class, Codec.ICanonical<TMessage> =>
        simulation.After(_dice.Between(0, _duration), action);

    private void Restart<TMessage, TOutput>(Simulation<TMessage, TOutput> simulation, MemberId member, string fault)
        where TMessage : class, Codec.ICanonical<TMessage>
    {
        var (at, down) = (_dice.Between(0, _duration), _dice.Between(1, 3000));
        simulation.After(at, () => simulation[member].Crash(fault));
        simulation.After(at + down, () =>
        {
            if (simulation[member].Protocol is null) simulation[member].Restart();
        });
    }

    private void Afflict<TMessage, TOutput>(Simulation<TMessage, TOutput> simulation, MemberId member, string fault)
        where TMessage : class, Codec.ICanonical<TMessage>
    {
        var simulated = simulation[member];
        var at = _dice.Between(0, _duration);
        var later = Math.Min(_dice.Between(200, 3000), _duration - at);
        switch (fault)
        {
            case Faults.ClockSkew:
                simulated.ClockSkew = _dice.Between(-600_000, 600_000);
                simulation.Counters.Add("fault/" + fault);
                break;
            case Faults.StayDown:
                simulation.After(at, () => simulated.Crash(fault));
                break;
            case Faults.LostDisk:
                simulation.After(at, () =>
                {
                    simulated.Crash();
                    simulated.Restart(loseDisk: true);
                });
                break;
            case Faults.OlderDisk:
                IStore? copy = null;
                simulation.After(at, () => copy = simulated.CopyDisk());
                simulation.After(at + later, () =>
                {
                    simulated.Crash();
                    simulated.RestartOn(copy!);
                });
                break;
            case Faults.LostFsync:
                simulation.After(at, simulated.LetDiskLie);
                simulation.After(at + later, () =>
                {
                    simulated.Crash();
                    simulated.Restart();
                });
                break;
            case Faults.BitFlip:
                simulation.After(at, simulated.DamageDisk);
                simulation.After(at + later, () =>
                {
                    if (simulated.Protocol is null) simulated.Restart(loseDisk: true);
                });
                break;
        }
    }

    // All at once: nothing is left but what the disks hold.
    private static void CutPower<TMessage, TOutput>(Simulation<TMessage, TOutput> simulation) where TMessage : class, Codec.ICanonical<TMessage>
    {
        MemberId[] up = [.. simulation.Ids.Where(id => simulation[id].Protocol is not null)];
        foreach (var id in up) simulation[id].Crash(Faults.PowerCut);
        foreach (var id in up) simulation[id].Restart();
    }

    private void Cut<TMessage, TOutput>(Simulation<TMessage, TOutput> simulation, string cut, int at) where TMessage : class, Codec.ICanonical<TMessage>
    {
        var (someone, length) = (AnyOne(), _dice.Between(500, 6000));
        if (cut == Faults.Staggered)
        {
            Stagger(simulation, at, length);
            return;
        }
        var link = cut == Faults.OneWay
            ? _dice.Chance(500) ? Links.Mute(someone) : Links.Deaf(someone)
            : Links.Split(new HashSet<MemberId>(simulation.Ids.Where(_ => _dice.Chance(500))));
        simulation.After(at, () =>
        {
            simulation.Counters.Add("fault/" + cut);
            simulation.Link = link;
        });
        simulation.After(at + length, () => simulation.Link = Links.All);
    }

    // One member after another is cut off, and they come back one after another.
    private void Stagger<TMessage, TOutput>(Simulation<TMessage, TOutput> simulation, int at, int length) where TMessage : class, Codec.ICanonical<TMessage>
    {
        var away = new HashSet<MemberId>();
        simulation.After(at, () =>
        {
            simulation.Counters.Add("fault/" + Faults.Staggered);
            simulation.Link = (from, to) => !away.Contains(from) && !away.Contains(to);
        });
        foreach (var member in simulation.Ids.Where(_ => _dice.Chance(600)))
        {
            var left = at + _dice.Between(0, length);
            simulation.After(left, () => away.Add(member));
            simulation.After(left + _dice.Between(100, length), () => away.Remove(member));
        }
        simulation.After(at + (2 * length), () => simulation.Link = Links.All);
    }
}
