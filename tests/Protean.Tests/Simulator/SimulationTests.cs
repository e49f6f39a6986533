using Protean.Codec;
using Protean.Runtime;
using Protean.Simulator;
using Xunit;

namespace Protean.Tests.Simulator;

/// <summary>The simulator itself, driving a protocol in which each number heard is written down, and the next one said.</summary>
public class SimulationTests
{
    private sealed record Number(ulong Value) : ICanonical<Number>
    {
        public void Encode(Encoder to) => to.U64(Value);
        public static Number Decode(ref Decoder from) => new(from.U64());
    }

    private sealed class Counting(IStore store) : IProtocol<Number, ulong>
    {
        private static readonly Bytes Key = Bytes.Of("last");

        public void Start(IEffects<Number, ulong> effects)
        {
            effects.Output(Last);
            effects.SetTimer(new TimerId("tick"), TimeSpan.FromSeconds(1));
        }

        public void Receive(MemberId from, Number message, IEffects<Number, ulong> effects)
        {
            if (message.Value <= Last) return;
            var batch = new StoreBatch();
            batch.Put(Key, Canonical.Encode(message));
            store.Write(batch);
            effects.Run(new Job("add", () => () => effects.Send(from, new Number(message.Value + 1))));
        }

        public void TimeOut(TimerId timer, IEffects<Number, ulong> effects)
        {
            effects.Broadcast(new Number(Last + 1));
            effects.SetTimer(timer, TimeSpan.FromSeconds(1));
        }

        private ulong Last => store.Get(Key.Span) is { } value ? Canonical.Decode<Number>(value).Value : 0;
    }

    private static Simulation<Number, ulong> Run(ulong seed, Action<Simulation<Number, ulong>>? prepare = null)
    {
        var simulation = new Simulation<Number, ulong>(seed, 3, incarnation => new Counting(incarnation.Store)) { MaxJobDelay = 5 };
        prepare?.Invoke(simulation);
        simulation.Start();
        simulation.RunFor(TimeSpan.FromSeconds(20));
        return simulation;
    }

    private static void Trouble(Simulation<Number, ulong> simulation)
    {
        simulation.Conditions = new NetworkConditions(200, 200, 1, 100, 100, 2000);
        simulation.CrashPerMille = 20;
    }

    [Fact]
    public void The_same_seed_gives_the_same_trace_and_another_seed_another()
    {
        Assert.Equal(Run(7, Trouble).Trace.Hash, Run(7, Trouble).Trace.Hash);
        Assert.NotEqual(Run(7, Trouble).Trace.Hash, Run(8, Trouble).Trace.Hash);
    }

    [Fact]
    public void Every_fault_that_was_asked_for_happens_and_is_counted()
    {
        var counts = Run(1, Trouble).Counters;
        Assert.All(["fault/loss", "fault/duplicate", "fault/crash-amidst", "fault/restart", "message/Number"], name => Assert.True(counts[name] > 0, name));
    }

    [Fact]
    public void A_member_starts_again_with_what_was_durable_and_counts_on()
    {
        var starts = new List<ulong>();
        Run(3, simulation =>
        {
            Trouble(simulation);
            simulation.OnOutput = (member, _, last) =>
            {
                if (member.Index == 1) starts.Add(last);
            };
        });
        Assert.True(starts.Count > 1);
        Assert.Equal(starts.Order(), starts);
        Assert.True(starts[^1] > 0);
    }

    [Fact]
    public void A_cut_off_member_hears_nothing_until_the_cut_heals()
    {
        var simulation = Run(1, s => s.Link = Links.Split(new HashSet<MemberId> { new(3) }));
        Assert.Null(simulation[3].Store.Get("last"u8));
        Assert.NotNull(simulation[1].Store.Get("last"u8));
        Assert.True(simulation.Counters["fault/cut"] > 0);
        simulation.Link = Links.All;
        simulation.RunFor(TimeSpan.FromSeconds(2));
        Assert.NotNull(simulation[3].Store.Get("last"u8));
    }

    [Fact]
    public void A_crash_undoes_a_tail_of_the_writes_and_never_a_part_of_one()
    {
        var disk = new InMemoryStore();
        var store = new FaultyStore(disk);
        Put(store, "a", 1);
        store.Sync();
        Put(store, "a", 2, "b");
        Put(store, "a", 3, "b");
        Assert.Equal(2, store.Undurable);
        store.LoseAllBut(1);
        Assert.Equal([2], store.Get("a"u8));
        Assert.Equal([2], store.Get("b"u8));
        Put(store, "b", 9, "c");
        store.LoseAllBut(0);
        Assert.Equal([2], store.Get("b"u8));
        Assert.Null(store.Get("c"u8));
    }

    private static void Put(FaultyStore store, string key, byte value, string? other = null)
    {
        var batch = new StoreBatch();
        batch.Put(Bytes.Of(key), [value]);
        if (other is not null) batch.Put(Bytes.Of(other), [value]);
        store.Write(batch);
    }
}
