using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator;
using Protean.Simulator.Byzantine;
using Protean.State;
using Xunit;

namespace Protean.Tests.Runtime;

/// <summary>A unit that counts: the smallest that has state, failures and a result that members find together.</summary>
internal sealed class CountingUnit : IFunctionalUnit
{
    private static readonly Bytes Total = Bytes.Of("total");

    /// <summary>Also plays the directory, which alone makes epoch records.</summary>
    public string Name => "directory";
    public IReadOnlyList<string> KeyPurposes => ["vote"];

    /// <summary>A member that counts wrong.</summary>
    public MemberId? Wrong { get; init; }

    /// <summary>Null: one epoch for good.</summary>
    public ulong? EpochLengthMs { get; init; }

    public IReadOnlyList<Transaction> Transactions { get; } =
    [
        new("add", "adds", [new Field("amount", ValueKind.U64, "how much")], [new Field("total", ValueKind.U64, "so far")], Direct: true, Infallible: false,
            Pending: false, [("TST-0001", "zero is nothing to add")], [new NamedValue("amount", U64(1))]),
        new("poll", "asks all members", [], [new Field("answer", ValueKind.Text, "what all say")], Direct: true, Infallible: true, Pending: true, [], []),
    ];

    public static Bytes U64(ulong value) => Bytes.Wrap(new Encoder().U64(value).ToArray());

    public void Join(IMembership membership)
    {
        membership.Handle("add", call =>
        {
            var amount = BinaryPrimitives.ReadUInt64LittleEndian(call.Admitted.Input("amount")!.Value.Span);
            if (amount == ulong.MaxValue) return new Outcome.Refused(new Refusal("TST-0002", "more than there is"));
            if (amount == 0) return new Outcome.Failed("TST-0001", "zero is nothing to add");
            if (membership.Self == Wrong) amount++;
            var total = amount + (call.State.Get(Total) is { } entry ? BinaryPrimitives.ReadUInt64LittleEndian(entry.Value.Span) : 0);
            call.State.Put(new MapEntry(Total, call.Height, Bytes.Empty, U64(total)));
            return new Outcome.Ok(new Outputs([new NamedValue("total", U64(total))]));
        });
        membership.Handle("poll", static call => new Outcome.Pending(Bytes.Of("about")));
        membership.HandlePending("poll", pending => new Poll(membership, pending));
        if (EpochLengthMs is not { } length) return;
        var directory = (LinkedDirectory)membership.Directory;
        var next = directory.CurrentEpoch + 1;
        var due = directory.Genesis.TimeMs + (next * length);
        membership.HandleDue(
            state => state.Get(EpochLink.SubjectOf(next)) is null ? due : null,
            call =>
            {
                var record = directory.Current with { Epoch = next, PreviousHash = directory.Current.Hash };
                call.State.Put(new MapEntry(EpochLink.SubjectOf(next), call.Height, Bytes.Empty, Bytes.Empty));
                call.Seal(EpochLink.Function, EpochLink.SubjectOf(next), EpochLink.OutputsOf(record));
            });
    }

    /// <summary>Every member's share is the same text; t of them make the result.</summary>
    private sealed class Poll(IMembership membership, PendingResult pending) : ISharedResult
    {
        private readonly SortedSet<MemberId> _from = [membership.Self];
        private readonly Bytes _word = Bytes.Of($"{pending.Function} {pending.About.ToText()}");

        public Bytes? OwnShare => _word;

        public bool Accept(MemberId from, Bytes share)
        {
            if (share != _word) return false;
            _from.Add(from);
            return true;
        }

        public (int Have, int Need) Progress => (_from.Count, membership.Committee.Threshold);
        public Outputs? Result => _from.Count >= membership.Committee.Threshold ? new Outputs([new NamedValue("answer", _word)]) : null;
        public Bytes? Record => Result is null ? null : _word;
    }
}

/// <summary>The members of one unit in the simulator, with what a client needs to talk to them.</summary>
internal sealed class UnitCluster
{
    private readonly Dictionary<(MemberId, Digest), Reply> _answers = [];
    private readonly SigningKey[] _consensusKeys;
    private readonly SecretScalar[] _encryptionKeys;
    private readonly Dictionary<MemberId, ulong> _silentThrough = [];

    public UnitCluster(
        ulong seed, int size, IFunctionalUnit unit, ISignatureScheme? scheme = null, params IReadOnlyList<NamedValue> parameters)
    {
        Scheme = scheme ?? new CheapSignatures();
        var random = new SeededRandom(seed);
        _consensusKeys = [.. Enumerable.Range(0, size).Select(_ => SigningKey.Generate(random))];
        _encryptionKeys = [.. Enumerable.Range(0, size).Select(_ => SecretScalar.Random(random))];
        Directory = new LinkedDirectory(GenesisOf(size, unit, random, parameters));
        UnitId = Directory.Units[0].UnitId;
        Simulation = new Simulation<UnitMessage, UnitEvent>(
            seed, size, incarnation => Member(incarnation, unit), Directory.Genesis.TimeMs + 1000);
        Simulation.OnOutput = (member, _, output) =>
        {
            if (output is UnitEvent.Answered answered) _answers[(member, answered.Request)] = answered.Reply;
            if (output is UnitEvent.EpochEnded ended) Ended[member] = ended.Link;
            if (output is UnitEvent.Halted halted) Halted.Add((member, halted.Why));
            if (output is UnitEvent.Synced synced) Synced.Add((member, synced.Height));
            // As a node does: a member of the state that the store now holds takes the place of this one.
            if (output is UnitEvent.Synced || (GoesOn && output is UnitEvent.EpochEnded)) Simulation.After(0, () => Rebuild(member));
        };
        Simulation.Start();
    }

    public static SigningKey DefaultClient { get; } = SigningKey.FromSeed(Hash.H("test/client", []).Span);

    /// <summary>Whose requests the next ones are.</summary>
    public SigningKey Client { get; set; } = DefaultClient;

    /// <summary>Of every member; tests don't wait for a thousand blocks.</summary>
    public ulong CheckpointHeights { get; init; } = 8;

    /// <summary>Whether members go on into the next epoch by themselves.</summary>
    public bool GoesOn { get; set; }

    /// <summary>Misbehaviour of a member, around its state machine.</summary>
    public Func<MemberId, IProtocol<UnitMessage, UnitEvent>, IProtocol<UnitMessage, UnitEvent>> Deed { get; set; } = static (_, member) => member;

    public List<(MemberId Member, ulong Height)> Synced { get; } = [];
    public ISignatureScheme Scheme { get; }
    public LinkedDirectory Directory { get; }
    public Digest UnitId { get; }
    public Simulation<UnitMessage, UnitEvent> Simulation { get; }
    public List<(MemberId Member, Refusal Why)> Halted { get; } = [];
    public SortedDictionary<MemberId, EpochLink> Ended { get; } = [];

    /// <summary>What a quorum of members signs if its members conspire.</summary>
    public QuorumSignature Conspire(byte[] payload) => QuorumSignature.Of(Committee.Size, Committee.Ids.Take(Committee.Quorum)
        .Select(id => KeyValuePair.Create(id, Scheme.Sign(_consensusKeys[id.Index - 1], payload))));

    public Committee Committee => Directory.CommitteeOf(UnitId, 0)!;
    public UnitMember this[int member] => Simulation[member].Protocol as UnitMember
        ?? (UnitMember)((Interceptor<UnitMessage, UnitEvent>)Simulation[member].Protocol!).Inner;

    public ulong HeightOf(UnitMember member) => member.Status(new UnixMs(Simulation.Time)).ExecutedHeight;
    public ulong Height(int member) => HeightOf(this[member]);

    public IEnumerable<UnitMember> Members => Simulation.Ids.Where(id => Simulation[id].Protocol is not null).Select(id => this[id.Index]);

    /// <summary>Its disk is gone, as its node knows from the mark beside the keys.</summary>
    public void LoseDisk(int member)
    {
        _silentThrough[new MemberId((ushort)member)] = Members.Max(static one => one.Epoch);
        Simulation[member].Crash();
        Simulation[member].Restart(loseDisk: true);
    }

    /// <summary>The log ends its epoch, and all members go on into the next.</summary>
    public void NextEpoch()
    {
        GoesOn = true;
        var next = Members.Max(static one => one.Epoch) + 1;
        Assert.True(Simulation.RunUntil(() => Members.Any(one => one.Reads.EpochLink(next) is not null), TimeSpan.FromMinutes(2)), $"no epoch {next}");
        var link = Members.Select(one => one.Reads.EpochLink(next)).First(static link => link is not null)!;
        foreach (var id in Simulation.Ids.Where(id => Simulation[id].Protocol is not null && this[id.Index].Epoch + 1 == next))
            Simulation[id].Do("link", (_, effects) => this[id.Index].Submit(link, effects));
        Assert.True(
            Simulation.RunUntil(() => Members.All(one => one.Epoch == next), TimeSpan.FromMinutes(1)), $"epoch {next} does not begin");
    }

    private void Rebuild(MemberId member)
    {
        if (Simulation[member].Protocol is null) return;
        Simulation[member].Crash();
        Simulation[member].Restart();
    }

    public Bytes Direct(string function, ulong nonce, params NamedValue[] arguments) => Direct(function, nonce, 1, arguments);

    public Bytes Direct(string function, ulong nonce, ulong lastEpoch, params IReadOnlyList<NamedValue> arguments)
    {
        var unsigned = new Request.Direct(UnitId, Client.PublicKey, nonce, lastEpoch, function, arguments, [], Proofs.None);
        var digest = RequestDigests.Request(
            UnitId, RequestDigests.Direct(Directory.ChainId, unsigned), 0, 0, RequestDigests.Inputs(arguments));
        var signature = Scheme.Sign(Client, RequestDigests.DirectPayload(Directory.ChainId, digest));
        return Bytes.Wrap(Canonical.Encode<Request>(unsigned with { Signatures = [new KeySignature(Client.PublicKey, signature)] }));
    }

    public Digest Submit(int member, Bytes request)
    {
        Digest entry = default;
        Simulation[member].Do("submit", (_, effects) => entry = this[member].Submit(request, effects));
        return entry;
    }

    public Reply? Answer(int member, Digest entry) => _answers.GetValueOrDefault((new MemberId((ushort)member), entry));

    public Reply Ask(int member, Bytes request, int seconds = 20)
    {
        var entry = Submit(member, request);
        Assert.True(
            Simulation.RunUntil(() => Answer(member, entry) is not null, TimeSpan.FromSeconds(seconds)),
            $"seed {Simulation.Seed}: no answer; {string.Join(" | ", this[member].Status(new UnixMs(Simulation.Time)).Waiting)}");
        return Answer(member, entry)!;
    }

    public Reply.Done Done(int member, Bytes request) => Ask(member, request) switch
    {
        Reply.Done done => done,
        Reply.Refused refused => throw new Xunit.Sdk.XunitException($"seed {Simulation.Seed}: {refused.Refusal}"),
        var other => throw new Xunit.Sdk.XunitException($"seed {Simulation.Seed}: {other}"),
    };

    private IProtocol<UnitMessage, UnitEvent> Member(Incarnation incarnation, IFunctionalUnit unit)
    {
        var index = incarnation.Member.Index - 1;
        var directory = UnitEpochs.Open(incarnation.Store, Directory.Genesis, Scheme);
        return Deed(incarnation.Member, new UnitMember(new UnitMemberParts(
            unit, directory, UnitId, incarnation.Member, _consensusKeys[index], _encryptionKeys[index], Scheme,
            new SeededRandom((ulong)((index * 1000) + incarnation.Restarts)), incarnation.Store)
        {
            CheckpointHeights = CheckpointHeights,
            Silent = _silentThrough.TryGetValue(incarnation.Member, out var through) && directory.CurrentEpoch <= through,
        }));
    }

    private Genesis GenesisOf(int size, IFunctionalUnit unit, SeededRandom random, IReadOnlyList<NamedValue> parameters)
    {
        NodeRecord[] nodes =
        [
            .. Enumerable.Range(0, size).Select(i => new NodeRecord(
                SigningKey.Generate(random).PublicKey, $"operator {i}", _consensusKeys[i].PublicKey, new PublicKey(_encryptionKeys[i].MultiplyBase().Span),
                default, Bytes.Empty, "", "", 0, [], 0, [], 0, new PossessionProofs(default, default, default), default)),
        ];
        var spec = new UnitSpec(
            unit.Name, 0, [.. nodes.Select(node => node.NodeId)], Committee.DefaultQuorum(size), Committee.DefaultThreshold(size));
        return new Genesis("test", 1_800_000_000_000, nodes, [spec], [new NamedValue("keygen.windowMs", CountingUnit.U64(500)), .. parameters]);
    }
}
