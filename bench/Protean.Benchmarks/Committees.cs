using System.Diagnostics;
using System.Globalization;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Simulator;
using Protean.Simulator.Runs;
using Protean.Units.State;
using Protean.Workflows;

namespace Protean.Benchmarks;

/// <summary>The state unit by size of its committee: production members and real signatures, on a network and disks in memory. Times between request and
/// answer are the virtual network's; the processor's time is this machine's, for all members together, clients not counted.</summary>
internal sealed class Committees(Machine machine, bool quick)
{
    private const int Clients = 32, InFlight = 256, ValueBytes = 100;

    private static readonly SigningKey[] Keys = [.. Enumerable.Range(0, Clients).Select(static _ => SigningKey.Generate(SystemRandom.Instance))];

    public static void Print(Machine machine, bool quick)
    {
        var committees = new Committees(machine, quick);
        Console.WriteLine($"{"state unit",-40}{"p50",10}{"p99",10}{"processor",14}{"a member",12}{"messages",10}{"bytes",10}{"verified",10}   (each write)");
        foreach (var size in new[] { 4, 7, 13 })
            foreach (var delay in new[] { 1, 100 })
                foreach (var crashed in new[] { 0, 1 })
                    committees.Tell(size, delay, crashed);
    }

    private void Tell(int size, int delay, int crashed)
    {
        var writes = quick ? 500 : 4_000;
        var timed = new Run(size, delay, crashed, counts: false).Write(writes);
        var counted = new Run(size, delay, crashed, counts: true).Write(writes);
        var each = timed.Processor / writes;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{$"{size} members{(crashed == 0 ? "" : ", one down")}, {delay} ms links",-40}{timed.Latencies.At(0.5).TotalMilliseconds,7:0} ms{timed.Latencies.At(0.99).TotalMilliseconds,7:0} ms"
            + $"{Micro.Readable(each),14}{machine.InVerifications(each / (size - crashed)),10:0.0} v{(double)counted.Messages / writes,10:0.0}{(double)counted.Bytes / writes,10:0}"
            + $"{(double)counted.Verified / writes / (size - crashed),10:0.00}"));
    }

    private sealed record Measured(Latencies Latencies, TimeSpan Processor, long Messages, long Bytes, long Verified);

    /// <summary>Writes from all clients, so many at a time, until all are answered.</summary>
    private sealed class Run
    {
        private readonly Surroundings _network;
        private readonly CountingScheme _scheme = new();
        private readonly Traffic _traffic = new();
        private readonly Simulation<UnitMessage, UnitEvent> _simulation;
        private readonly Dictionary<Digest, ulong> _asked = [];
        private readonly List<TimeSpan> _times = [];
        private readonly int _up;
        private ulong _nonce;

        public Run(int size, int delay, int crashed, bool counts)
        {
            _up = size - crashed;
            _network = new Surroundings(size, PlanVerifier.StateClass, _scheme, []);
            var unit = new StateUnit();
            _simulation = new Simulation<UnitMessage, UnitEvent>(1, size, incarnation =>
            {
                var member = new UnitMember(new UnitMemberParts(
                    unit, UnitEpochs.Open(incarnation.Store, _network.Directory.Genesis, _scheme), _network.UnitId, incarnation.Member,
                    Surroundings.ConsensusKey(incarnation.Member), Surroundings.EncryptionKey(incarnation.Member), _scheme,
                    new SeededRandom(incarnation.Member.Index), incarnation.Store));
                return counts ? new Counted(member, _traffic, size - 1) : member;
            }, _network.Directory.Genesis.TimeMs + 1000)
            { Conditions = new NetworkConditions(MinDelay: delay, MaxDelay: delay) };
            _simulation.OnOutput = Answered;
            _simulation.Start();
            for (var member = size; member > _up; member--) _simulation[member].Crash();
            _simulation.RunFor(TimeSpan.FromSeconds(2));
        }

        public Measured Write(int writes)
        {
            // Clients sign before anything is measured: their work is not the unit's.
            var requests = new Queue<Bytes>(Enumerable.Range(0, writes).Select(_ => Request()));
            var (verified, messages, bytes) = (_scheme.Verified, _traffic.Messages, _traffic.Bytes);
            var processor = Environment.CpuUsage.TotalTime;
            var answered = 0;
            while (_times.Count < writes)
            {
                while (requests.Count > 0 && writes - requests.Count - _times.Count < InFlight) Submit(requests.Dequeue());
                answered = _times.Count;
                if (!_simulation.RunUntil(() => _times.Count > answered, TimeSpan.FromMinutes(5)))
                    throw new InvalidOperationException($"no answer after {answered} of {writes} writes");
            }
            return new Measured(
                new Latencies(_times), Environment.CpuUsage.TotalTime - processor, _traffic.Messages - messages, _traffic.Bytes - bytes, _scheme.Verified - verified);
        }

        private void Submit(Bytes request) => _simulation[(int)(_nonce++ % (ulong)_up) + 1].Do(
            "submit", (protocol, effects) => _asked.Add((protocol is Counted counted ? counted.Member : (UnitMember)protocol).Submit(request, effects), _simulation.Time));

        private void Answered(MemberId member, int restarts, UnitEvent output)
        {
            if (output is not UnitEvent.Answered answered || !_asked.Remove(answered.Request, out var asked)) return;
            if (answered.Reply is not Reply.Done) throw new InvalidOperationException($"{answered.Reply}");
            _times.Add(TimeSpan.FromMilliseconds(_simulation.Time - asked));
        }

        private Bytes Request()
        {
            var client = Keys[_nonce++ % Clients];
            var change = new Change(UserKeys.Full(client.PublicKey, Guid.NewGuid().ToByteArray()), null, Bytes.Wrap(new byte[ValueBytes]));
            NamedValue[] arguments = [new("change", Bytes.Wrap(Canonical.Encode(change)))];
            var unsigned = new Request.Direct(_network.UnitId, client.PublicKey, _nonce, 1, StateTransactions.Write.Name, arguments, [], Proofs.None);
            var digest = RequestDigests.Request(
                _network.UnitId, RequestDigests.Direct(_network.Directory.ChainId, unsigned), 0, 0, RequestDigests.Inputs(arguments));
            var signature = client.Sign(RequestDigests.DirectPayload(_network.Directory.ChainId, digest));
            return Bytes.Wrap(Canonical.Encode<Request>(unsigned with { Signatures = [new KeySignature(client.PublicKey, signature)] }));
        }
    }

    private sealed class CountingScheme : ISignatureScheme
    {
        public long Verified { get; private set; }

        public Signature Sign(SigningKey key, ReadOnlySpan<byte> message) => key.Sign(message);

        public bool Verify(PublicKey key, ReadOnlySpan<byte> message, Signature signature)
        {
            Verified++;
            return Ed25519.Verify(key, message, signature);
        }
    }

    private sealed class Traffic
    {
        public long Messages { get; private set; }
        public long Bytes { get; private set; }

        public void Add(UnitMessage message, int receivers)
        {
            Messages += receivers;
            Bytes += (long)Canonical.Encode(message).Length * receivers;
        }
    }

    /// <summary>A member whose messages are counted on their way out.</summary>
    private sealed class Counted(UnitMember member, Traffic traffic, int others) : IProtocol<UnitMessage, UnitEvent>
    {
        public UnitMember Member => member;

        public void Start(IEffects<UnitMessage, UnitEvent> effects) => member.Start(new Effects(effects, traffic, others));
        public void Receive(MemberId from, UnitMessage message, IEffects<UnitMessage, UnitEvent> effects) =>
            member.Receive(from, message, new Effects(effects, traffic, others));
        public void TimeOut(TimerId timer, IEffects<UnitMessage, UnitEvent> effects) => member.TimeOut(timer, new Effects(effects, traffic, others));

        private sealed class Effects(IEffects<UnitMessage, UnitEvent> inner, Traffic traffic, int others) : IEffects<UnitMessage, UnitEvent>
        {
            public UnixMs Now => inner.Now;

            public void Send(MemberId to, UnitMessage message)
            {
                traffic.Add(message, 1);
                inner.Send(to, message);
            }

            public void Broadcast(UnitMessage message)
            {
                traffic.Add(message, others);
                inner.Broadcast(message);
            }

            public void SetTimer(TimerId timer, TimeSpan delay) => inner.SetTimer(timer, delay);
            public void Run(Job job) => inner.Run(job);
            public void Output(UnitEvent output) => inner.Output(output);
        }
    }
}
