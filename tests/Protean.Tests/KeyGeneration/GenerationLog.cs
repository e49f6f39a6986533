using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Simulator;
using Protean.State;
using Xunit;

namespace Protean.Tests.KeyGeneration;

/// <summary>A unit's log without consensus: blocks of contributions that every member executes, and members that post what they
/// owe.</summary>
internal sealed class GenerationLog
{
    public const string Purpose = "draw";
    public static readonly GenerationWindows Windows = new(Dealing: 1_000, Checking: 5_000);

    private readonly ulong _seed;
    private ulong _height;

    /// <summary>Of the key that is generated.</summary>
    public string KeyPurpose { get; }

    public GenerationLog(int members, ulong seed = 1, ushort? threshold = null, ulong epoch = 0, string purpose = Purpose)
    {
        (_seed, KeyPurpose) = (seed, purpose);
        var random = new SeededRandom(seed);
        ConsensusKeys = [.. Enumerable.Range(0, members).Select(_ => SigningKey.Generate(random))];
        EncryptionSecrets = [.. Enumerable.Range(0, members).Select(_ => SecretScalar.Random(random))];
        Committee = new Committee(
            [.. Enumerable.Range(0, members).Select(i => new Member(
                Hash.H("test/node", [(byte)i]), ConsensusKeys[i].PublicKey,
                new PublicKey(EncryptionSecrets[i].MultiplyBase().Span), default))],
            Committee.DefaultQuorum(members), threshold ?? Committee.DefaultThreshold(members));
        Context = new UnitContext(Hash.H("test/chain", []), Hash.H("test/unit", []), epoch, Committee.Hash);
        Nodes = [.. Committee.Ids.Select(id => new Node(this, id))];
    }

    public IReadOnlyList<SigningKey> ConsensusKeys { get; }
    public IReadOnlyList<SecretScalar> EncryptionSecrets { get; }
    public Committee Committee { get; }
    public UnitContext Context { get; }
    public IReadOnlyList<Node> Nodes { get; }
    public ulong TimeMs { get; set; } = 1_000_000;

    /// <summary>What a faulty member posts in place of what it owes.</summary>
    public SortedDictionary<ushort, Func<Posting, IEnumerable<Posting>>> Faulty { get; } = [];

    /// <summary>Every refusal so far, with whose contribution it was.</summary>
    public List<(ushort Member, string Code)> Refusals { get; } = [];

    public Node this[ushort member] => Nodes[member - 1];
    public IEnumerable<Node> HonestNodes => Nodes.Where(node => !Faulty.ContainsKey(node.Id.Index));
    public GenerationState State => Nodes[0].Generator.State(Nodes[0].Keys)!;
    public GeneratedKey? Key => Nodes[0].Generator.Key(Nodes[0].Keys);
    public IReadOnlyList<Evidence> Evidence => Nodes[0].Generator.Evidence(Nodes[0].Keys);
    public DkgSession Session => Nodes[0].Generator.SessionOf(State);

    public Contribution Sign(ushort member, Posting posting) => Contribution.Create(
        Context, new MemberId(member), posting.Topic, posting.Subject, posting.Payload, ConsensusKeys[member - 1], Ed25519Scheme.Instance);

    /// <summary>One block, executed by every member; they agree on the state after it.</summary>
    public void Block(params IEnumerable<Contribution> contributions)
    {
        var log = contributions.ToArray();
        TimeMs += 100;
        _height++;
        foreach (var node in Nodes) node.Execute(_height, log);
        Assert.Single(Nodes.Select(node => node.Keys.Root).Distinct());
    }

    /// <summary>What the members, each as honest as it is, have to say now.</summary>
    public IEnumerable<Contribution> Owed() => Nodes.SelectMany(node => node.Owed().Select(posting => Sign(node.Id.Index, posting)));

    /// <summary>Blocks of everything owed, until nothing is and no window is open. Where nobody has anything to say time goes on to the
    /// next window.</summary>
    public void Run(Action? betweenBlocks = null)
    {
        Block();
        for (var blocks = 0; blocks < 40; blocks++)
        {
            betweenBlocks?.Invoke();
            var owed = Owed().ToArray();
            var due = Nodes[0].Generator.NextDue(Nodes[0].Keys);
            if (State.Phase == GenerationPhase.Done && owed.Length == 0) return;
            if (owed.Length == 0 && due is { } time) TimeMs = Math.Max(TimeMs, time);
            Block(owed);
            if (State.Phase == GenerationPhase.Done && HonestNodes.All(node => node.Owed().Count == 0)) return;
        }
        Assert.Fail($"not done after 40 blocks: {Nodes[0].Generator.Progress(Nodes[0].Keys)}");
    }

    /// <summary>Every member in <paramref name="nodes"/> holds its share of the one key, and any t of these shares make its
    /// secret.</summary>
    public ThresholdPublicKey AssertShared(IEnumerable<Node>? nodes = null)
    {
        var held = (nodes ?? HonestNodes).Select(node => node.Holder.Key(node.Keys)!).ToArray();
        var key = Key!.Key;
        Assert.All(held, one => Assert.Equal(Key.KeyId, one.KeyId));
        Assert.All(held, one => Assert.Equal(key.PublicShare(one.Self.Index), one.Share!.MultiplyBase()));
        foreach (var chosen in new[] { held.Take(key.Threshold), held.TakeLast(key.Threshold) })
        {
            ushort[] indices = [.. chosen.Select(one => one.Self.Index)];
            Point[] shares = [.. chosen.Select(one => one.Share!.MultiplyBase())];
            Assert.Equal(key.PublicKey, Lagrange.Combine(indices, shares, SodiumMultiScalar.Instance));
        }
        return key;
    }

    /// <summary>One member: its copy of the replicated state, its own store, and its part in the generation.</summary>
    public sealed class Node
    {
        private readonly GenerationLog _log;
        private readonly InMemoryStore _replicated = new();
        private readonly InMemoryStore _own = new();
        private StateMap _map;
        private ulong _starts;

        public Node(GenerationLog log, MemberId id)
        {
            (_log, Id) = (log, id);
            Restart();
        }

        public MemberId Id { get; }
        public KeyGenerator Generator { get; private set; }
        public KeyHolder Holder { get; private set; }
        public MapSnapshot Keys => _map.Current;

        /// <summary>Changes that are never kept.</summary>
        public MapEdit Edit() => _map.Edit();

        /// <summary>Only what is stored is left; the generator of randomness goes on elsewhere.</summary>
        [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_map), nameof(Generator), nameof(Holder))]
        public void Restart()
        {
            Holder?.Dispose();
            _map = new StateMap(_replicated, "keys");
            Generator = new KeyGenerator(_log.KeyPurpose, _log.Context, _log.Committee, Windows);
            var random = new SeededRandom([(byte)Id.Index, (byte)_log._seed, (byte)_starts++]);
            Holder = new KeyHolder(Generator, Id, _log.EncryptionSecrets[Id.Index - 1], random, _own);
        }

        public IReadOnlyList<Posting> Owed()
        {
            var owed = Holder.ToPost(Keys);
            return _log.Faulty.TryGetValue(Id.Index, out var deed) ? [.. owed.SelectMany(deed)] : owed;
        }

        public void Execute(ulong height, IEnumerable<Contribution> contributions)
        {
            var edit = _map.Edit();
            Generator.Begin(edit, _log.TimeMs);
            foreach (var contribution in contributions)
            {
                Assert.True(contribution.IsSigned(_log.Context, _log.Committee, Ed25519Scheme.Instance));
                var refusal = Generator.Apply(edit, contribution);
                if (refusal is not null && Id.Index == 1) _log.Refusals.Add((contribution.Member.Index, refusal.Code));
            }
            Generator.Advance(edit, _log.TimeMs);
            var batch = new StoreBatch();
            _map.Commit(height, edit, batch);
            _replicated.Write(batch);
        }
    }
}
