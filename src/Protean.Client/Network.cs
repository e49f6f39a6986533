using System.Collections.Concurrent;
using System.Text.Json;
using Protean.Client.Api;
using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;
using Protean.Units.Randomness;

namespace Protean.Client;

/// <summary>A network as a client sees it: rooted in the genesis hash, trusting no node. Every reply is verified before it is given on, and
/// where a member does not answer, or answers what does not hold, another one is asked. For any number of calls at once.</summary>
public sealed class Network : IDisposable
{
    /// <summary>Members judge requests one by one: refusals of this kind are about the member, not about the request.</summary>
    private const string AboutMember = "PRT-RUN-";

    /// <summary>A seal of an epoch that this client has not heard of: it may have begun since.</summary>
    private const string UnknownEpoch = "PRT-RCT-0002";

    private static int _clients;

    private readonly HttpClient _http;
    private readonly NetworkOptions _options;
    private volatile ReplyVerifier _verifier;
    private readonly Dictionary<Digest, MemberRotation> _members = [];
    private readonly ConcurrentDictionary<Digest, ulong> _seen = [];

    // Members do not change from epoch to epoch yet, their keys do.
    private Network(HttpClient http, NetworkOptions options, Genesis genesis)
    {
        (_http, _options) = (http, options);
        _verifier = new ReplyVerifier(new LinkedDirectory(genesis));
        var nodes = new Dictionary<Digest, NodeApi>();
        foreach (var node in genesis.Nodes)
            if (Uri.TryCreate(node.ApiAddress, UriKind.Absolute, out var address)) nodes.Add(node.NodeId, new NodeApi(http, address));
        var start = Interlocked.Increment(ref _clients);
        foreach (var unit in Directory.Units)
        {
            var committee = Directory.CommitteeOf(unit.UnitId, 0)!;
            var reachable = committee.Members.Where(member => nodes.ContainsKey(member.NodeId)).Select(member => nodes[member.NodeId]);
            var rotation = new MemberRotation([.. reachable], committee.Faulty);
            if (rotation.Count > 0) rotation.StartAt(start);
            _members.Add(unit.UnitId, rotation);
        }
    }

    /// <summary>Who serves where, as far as this client has followed the epochs.</summary>
    public LinkedDirectory Directory => _verifier.Directory;
    public Digest ChainId => Directory.ChainId;

    /// <summary>Fetches the genesis from any of the nodes; what counts is that its hash is the expected one.</summary>
    /// <param name="addresses">API addresses of some nodes.</param>
    /// <param name="expected">The network's name: the hash of its genesis, known from elsewhere.</param>
    /// <param name="options">Waiting times.</param>
    /// <param name="handler">In place of real sockets.</param>
    /// <param name="cancel">Ends the call.</param>
    /// <exception cref="RefusedException">PRT-CLI-0002 another network, PRT-CLI-0003 no node.</exception>
    public static async Task<Network> Connect(
        IReadOnlyList<Uri> addresses, Digest expected, NetworkOptions? options = null, HttpMessageHandler? handler = null,
            CancellationToken cancel = default)
    {
        options ??= new NetworkOptions();
        var http = new HttpClient(handler ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(10) })
        {
            MaxResponseContentBufferSize = options.MaxReplyBytes,
            Timeout = options.Hold + options.Travel,
        };
        try
        {
            var network = new Network(http, options, await FetchGenesis(http, addresses, expected, cancel));
            await network.FollowEpochs(cancel);
            return network;
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    /// <exception cref="RefusedException">PRT-CLI-0004 no such unit.</exception>
    public UnitEntry Unit(string unitClass, uint ordinal = 0) =>
        Directory.Find(unitClass, ordinal)
            ?? throw new RefusedException(ClientRefusals.NoUnit(ordinal == 0 ? unitClass : $"{unitClass}#{ordinal}"));

    /// <exception cref="RefusedException">PRT-CLI-0004 no such unit.</exception>
    public UnitEntry Unit(Digest unitId) => Directory.Find(unitId) ?? throw new RefusedException(ClientRefusals.NoUnit(unitId.ToString()));

    /// <summary>The greatest height of the unit that this client was shown: reads ask for this height at least, so it reads its own
    /// writes.</summary>
    public ulong SeenHeight(Digest unitId) => _seen.GetValueOrDefault(unitId);

    /// <summary>Asks a unit, again and again if need be: a request is executed once however often it is sent.</summary>
    /// <exception cref="RefusedException">More members refuse alike than may lie; or PRT-CLI-0001 nobody answers.</exception>
    public async Task<Result> Submit(Request request, CancellationToken cancel = default)
    {
        var claim = ReplyVerifier.ClaimOf(request, Directory);
        var bytes = Bytes.Wrap(Canonical.Encode(request));
        return await Ask(Unit(claim.UnitId), _options.Patience, believeRetry: true, async (node, limit) =>
        {
            var reply = await node.Submit(claim.UnitId, bytes, _options.Hold, limit);
            if (reply.Status == "waiting") return null;
            var result = _verifier.Result(reply, claim);
            Saw(result.Receipt.Header);
            return result;
        }, cancel);
    }

    /// <summary>A sealed height of the unit at or after both bounds; waits for it.</summary>
    public Task<SealedHeader> Head(Digest unitId, ulong minHeight = 0, ulong minTimeMs = 0, CancellationToken cancel = default) =>
        Ask(Unit(unitId), _options.Patience + Until(minTimeMs), believeRetry: false, async (node, limit) =>
        {
            var reply = await node.Head(unitId, minHeight, minTimeMs, _options.Hold, limit);
            var seal = _verifier.Seal(reply.Seal, unitId, minHeight, minTimeMs);
            Saw(seal.Header);
            return seal;
        }, cancel);

    /// <summary>Keys and prefixes of a state unit's data, proven at one sealed height.</summary>
    /// <param name="unitId">The state unit.</param>
    /// <param name="keys">Full keys.</param>
    /// <param name="prefixes">Full prefixes, shown whole.</param>
    /// <param name="minHeight">The height may be higher, never lower; nor lower than <see cref="SeenHeight"/>.</param>
    /// <param name="cancel">Ends the call.</param>
    public Task<ProvenHeight> State(
        Digest unitId, IReadOnlyList<Bytes> keys, IReadOnlyList<Bytes> prefixes, ulong minHeight = 0, CancellationToken cancel = default)
    {
        var least = Math.Max(minHeight, SeenHeight(unitId));
        return Ask(Unit(unitId), _options.Patience, believeRetry: false, async (node, limit) =>
        {
            var reply = await node.State(unitId, keys, prefixes, least, _options.Hold, limit);
            var seal = _verifier.Seal(reply.Seal, unitId, least, 0);
            var witness = ReplyVerifier.Witness(reply.Witness, seal, new WitnessQuestion(ProvenHeight.DataMap, keys, prefixes));
            var proven = new ProvenHeight(seal, witness);
            Saw(seal.Header);
            return proven;
        }, cancel);
    }

    /// <summary>A unit's threshold key, with the receipt of its generation and the dealings that it is the sum of.</summary>
    public Task<ProvenKey> Key(Digest unitId, string purpose, CancellationToken cancel = default) =>
        Ask(Unit(unitId), _options.Patience, believeRetry: false, async (node, limit) =>
            _verifier.Key(await node.Key(unitId, purpose, limit), unitId, purpose), cancel);

    /// <summary>A round of a randomness unit's beacon, sealed by the unit; waits until it is due.</summary>
    /// <exception cref="RefusedException">PRT-RND-0103 the round was before the first one, or too long ago; PRT-CLI-0001 with what is missing.</exception>
    public async Task<BeaconRecord> BeaconRound(Digest unitId, ulong round, CancellationToken cancel = default)
    {
        if (Beacon.Of(Directory.Genesis) is { } beacon) await Head(unitId, minTimeMs: beacon.TimeOf(round), cancel: cancel);
        return await Ask(Unit(unitId), _options.Patience, believeRetry: false, async (node, limit) =>
        {
            var reply = await node.Query(unitId, BeaconRecord.Function, Values.OfU64(round), limit);
            return _verifier.BeaconRound(Canonical.Decode<BeaconRecord>(reply.Output), unitId, round);
        }, cancel);
    }

    /// <summary>What one member answers from its own state: nobody has sealed it, so it is no more than a hint.</summary>
    public Task<T> Hint<T>(Digest unitId, string name, Bytes input, CancellationToken cancel = default) where T : class, ICanonical<T> =>
        Ask(Unit(unitId), _options.Patience, believeRetry: false, async (node, limit) =>
            Canonical.Decode<T>((await node.Query(unitId, name, input, limit)).Output), cancel);

    /// <summary>The unit's next question goes to another member first: the last one's hint misled.</summary>
    internal void TurnFrom(Digest unitId) => _members[unitId].StartAt(_members[unitId].First + 1);

    internal Plans.WitnessHints Hints { get; } = new();

    public void Dispose() => _http.Dispose();

    private void Saw(SealHeader header) =>
        _seen.AddOrUpdate(header.Context.UnitId, header.Height, (_, known) => Math.Max(known, header.Height));

    /// <param name="believeRetry">Whether a refusal that may not last ends the call, or is waited out.</param>
    /// <param name="ask">Null where the member still waits itself.</param>
    private async Task<T> Ask<T>(
        UnitEntry unit, TimeSpan patience, bool believeRetry, Func<NodeApi, CancellationToken, Task<T?>> ask,
            CancellationToken cancel) where T : class
    {
        var members = _members[unit.UnitId];
        if (members.Count == 0)
            throw new RefusedException(ClientRefusals.NoAnswer(unit.Class, "the genesis gives no member an API address"));
        var refusals = members.BeginRefusals();
        var (first, last, begun) = (members.First, "nothing", Environment.TickCount64);
        for (var turn = 0; ; turn++)
        {
            var node = members[first + turn];
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                limit.CancelAfter(_options.Hold + _options.Travel);
                if (await ask(node, limit.Token) is { } answer)
                {
                    members.Answered(first + turn);
                    return answer;
                }
                last = $"{node.Address}: still waiting";
            }
            catch (RefusedException refused)
            {
                var final = believeRetry || !refused.Refusal.Retry;
                if (final && !refused.Refusal.Code.StartsWith(AboutMember, StringComparison.Ordinal)
                    && refusals.Add(node, refused.Refusal)) throw;
                last = $"{node.Address}: {refused.Refusal}";
            }
            catch (Exception error) when (!cancel.IsCancellationRequested && IsMembersFault(error))
            {
                last = $"{node.Address}: {error.Message}";
                if (error is UnverifiedReplyException { Refusal.Code: UnknownEpoch }) await FollowEpochs(node, cancel);
            }
            if (Environment.TickCount64 - begun > patience.TotalMilliseconds)
                throw new RefusedException(ClientRefusals.NoAnswer(unit.Class, last));
            if ((turn + 1) % members.Count == 0) await Task.Delay(_options.Pause * Math.Min(20, (turn + 1) / members.Count), cancel);
        }
    }

    /// <summary>Asks the nodes for links that this client has not seen.</summary>
    internal async Task FollowEpochs(CancellationToken cancel)
    {
        foreach (var node in _members.Values.SelectMany(static members => members.All).Distinct())
            if (await FollowEpochs(node, cancel)) return;
    }

    /// <summary>Takes over the links that a node shows, each verified by the committee before it.</summary>
    /// <returns>Whether the node answered.</returns>
    private async Task<bool> FollowEpochs(NodeApi node, CancellationToken cancel)
    {
        try
        {
            var links = (await node.Network(cancel)).Links ?? [];
            var directory = Directory;
            foreach (var link in links.Skip(directory.Links.Count))
                directory = directory.With(Canonical.Decode<EpochLink>(link), Ed25519Scheme.Instance);
            if (directory.CurrentEpoch > Directory.CurrentEpoch) _verifier = new ReplyVerifier(directory);
            return true;
        }
        catch (Exception error) when (!cancel.IsCancellationRequested
            && (IsMembersFault(error) || error is RefusedException or RefusedLinkException))
        {
            return false;
        }
    }

    private static bool IsMembersFault(Exception error) =>
        error is HttpRequestException or OperationCanceledException or JsonException or MalformedException or UnverifiedReplyException;

    private static TimeSpan Until(ulong timeMs)
    {
        var now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        return timeMs > now ? TimeSpan.FromMilliseconds(Math.Min(timeMs - now, int.MaxValue)) : TimeSpan.Zero;
    }

    private static async Task<Genesis> FetchGenesis(HttpClient http, IReadOnlyList<Uri> addresses, Digest expected,
        CancellationToken cancel)
    {
        Refusal? other = null;
        var said = "no address was given";
        foreach (var address in addresses)
            try
            {
                var genesis = Canonical.Decode<Genesis>((await new NodeApi(http, address).Network(cancel)).Genesis);
                if (genesis.ChainId == expected) return genesis;
                other = ClientRefusals.OtherNetwork(address.ToString(), expected.ToString(), genesis.ChainId.ToString());
            }
            catch (Exception error) when (!cancel.IsCancellationRequested && (IsMembersFault(error) || error is RefusedException))
            {
                said = $"{address}: {error.Message}";
            }
        throw new RefusedException(other ?? ClientRefusals.NoNode(said));
    }
}
