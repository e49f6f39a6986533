using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Api;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;

namespace Protean.Node.Duties;

/// <summary>The directory's members, asked over their API: this node may not be one of them. What they answer is proven or checked by whoever uses it.</summary>
internal sealed class DirectoryPeers : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http = new() { Timeout = Patience };
    private readonly string[] _addresses;
    private readonly Digest _unitId;
    private int _next;

    public DirectoryPeers(Genesis genesis)
    {
        var spec = genesis.Units.First(unit => unit.Class == "directory");
        _unitId = spec.UnitId(genesis.ChainId);
        _addresses = [.. genesis.Nodes.Where(node => spec.Members.Contains(node.NodeId)).Select(node => node.ApiAddress.TrimEnd('/'))];
    }

    public Digest UnitId => _unitId;

    /// <summary>The link into an epoch, or null where none of the members has it yet.</summary>
    public async Task<EpochLink?> LinkAsync(ulong epoch, CancellationToken cancellation)
    {
        foreach (var address in InTurn())
        {
            var link = await TryAsync(async () =>
            {
                using var response = await _http.GetAsync(new Uri($"{address}/v1/epochs/{epoch}"), cancellation);
                if (!response.IsSuccessStatusCode) return null;
                var message = await response.Content.ReadFromJsonAsync<EpochMessage>(cancellation);
                return Canonical.Decode<EpochLink>(Convert.FromBase64String(message!.Link));
            });
            if (link is not null) return link;
        }
        return null;
    }

    /// <summary>Whether the directory shows an entry under a key. Only saves asking twice: a lie costs nothing but that.</summary>
    public async Task<bool> HasAsync(Bytes key, CancellationToken cancellation)
    {
        var read = new ReadMessage([Convert.ToBase64String(key.Span)], [], null, 0);
        foreach (var address in InTurn())
        {
            var witness = await TryAsync(async () =>
            {
                using var response = await _http.PostAsJsonAsync(new Uri($"{address}/v1/units/{_unitId}/state"), read, cancellation);
                if (!response.IsSuccessStatusCode) return null;
                var message = await response.Content.ReadFromJsonAsync<StateMessage>(cancellation);
                return Canonical.Decode<StateWitness>(Convert.FromBase64String(message!.Witness));
            });
            if (witness is not null) return witness.Proof.TryGet(key, out var entry) && entry is not null;
        }
        return false;
    }

    /// <returns>Whether it was done; the refusal where it was not.</returns>
    public async Task<(bool Done, string Why)> SubmitAsync(Request request, CancellationToken cancellation)
    {
        var submit = new SubmitMessage(Convert.ToBase64String(Canonical.Encode(request)), (int)Patience.TotalMilliseconds / 2);
        foreach (var address in InTurn())
        {
            var answer = await TryAsync(async () =>
            {
                using var response = await _http.PostAsJsonAsync(new Uri($"{address}/v1/units/{_unitId}/requests"), submit, cancellation);
                if (response.StatusCode != HttpStatusCode.OK) return null;
                var reply = (await response.Content.ReadFromJsonAsync<ReplyMessage>(cancellation))!;
                if (reply.Receipt is null) return new Answer(false, reply.Refusal?.ToString() ?? reply.Status);
                var leaf = Canonical.Decode<Receipt>(reply.Receipt).Leaf;
                return new Answer(leaf.Status == ResultStatus.Ok, leaf.Status.ToString());
            });
            if (answer is not null) return (answer.Done, answer.Why);
        }
        return (false, "no member of the directory answers");
    }

    public void Dispose() => _http.Dispose();

    private IEnumerable<string> InTurn()
    {
        var first = _next++;
        return Enumerable.Range(0, _addresses.Length).Select(i => _addresses[(first + i) % _addresses.Length]);
    }

    // A member that is down, or answers what cannot be read, is passed over; the caller asks again later in any case.
    private static async Task<T?> TryAsync<T>(Func<Task<T?>> ask) where T : class
    {
        try
        {
            return await ask();
        }
        catch (Exception unanswered) when (unanswered is HttpRequestException or MalformedException or FormatException or JsonException
            or TaskCanceledException { InnerException: TimeoutException })
        {
            return null;
        }
    }

    private sealed record Answer(bool Done, string Why);
}
