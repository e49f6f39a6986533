using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Client.Api;

/// <summary>One node's HTTP API. Says what came over the wire, and believes none of it.</summary>
/// <param name="http">Shared: it keeps the connections.</param>
/// <param name="address">The node's API address.</param>
/// <remarks>Everything here throws <see cref="RefusedException"/> where the node refuses, <see cref="HttpRequestException"/> where it
/// cannot be reached and <see cref="JsonException"/> where it talks otherwise.</remarks>
public sealed class NodeApi(HttpClient http, Uri address)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = false };

    public Uri Address => address;

    public Task<NetworkReply> Network(CancellationToken cancel) => Get<NetworkReply>("v1/network", cancel);

    /// <param name="unit">The unit asked.</param>
    /// <param name="request">Canonical bytes of a request.</param>
    /// <param name="wait">How long the node may hold the call before it answers "waiting".</param>
    /// <param name="cancel">Ends the call.</param>
    public Task<SubmitReply> Submit(Digest unit, Bytes request, TimeSpan wait, CancellationToken cancel) =>
        Post<SubmitBody, SubmitReply>($"v1/units/{unit}/requests", new SubmitBody(request.ToArray(), Milliseconds(wait)), cancel);

    public Task<StateReply> State(
        Digest unit, IReadOnlyList<Bytes> keys, IReadOnlyList<Bytes> prefixes, ulong minHeight, TimeSpan wait, CancellationToken cancel) =>
        Post<StateBody, StateReply>($"v1/units/{unit}/state",
            new StateBody([.. keys.Select(static key => key.ToArray())], [.. prefixes.Select(static prefix => prefix.ToArray())],
                minHeight, Milliseconds(wait)), cancel);

    public Task<HeadReply> Head(Digest unit, ulong minHeight, ulong minTimeMs, TimeSpan wait, CancellationToken cancel) => Get<HeadReply>(
        string.Create(CultureInfo.InvariantCulture,
            $"v1/units/{unit}/head?minTimeMs={minTimeMs}&minHeight={minHeight}&waitMs={Milliseconds(wait)}"), cancel);

    public Task<KeyReply> Key(Digest unit, string purpose, CancellationToken cancel) =>
        Get<KeyReply>($"v1/units/{unit}/keys/{Uri.EscapeDataString(purpose)}", cancel);

    public Task<QueryReply> Query(Digest unit, string name, Bytes input, CancellationToken cancel) =>
        Post<QueryBody, QueryReply>($"v1/units/{unit}/queries/{Uri.EscapeDataString(name)}", new QueryBody(input.ToArray()), cancel);

    private async Task<TReply> Get<TReply>(string path, CancellationToken cancel)
    {
        using var response = await http.GetAsync(new Uri(address, path), cancel);
        return await Read<TReply>(response, cancel);
    }

    private async Task<TReply> Post<TBody, TReply>(string path, TBody body, CancellationToken cancel)
    {
        using var response = await http.PostAsJsonAsync(new Uri(address, path), body, Json, cancel);
        return await Read<TReply>(response, cancel);
    }

    // A refusal comes as {"refusal": {...}} beside a status, or alone with a status code of its own.
    private static async Task<TReply> Read<TReply>(HttpResponseMessage response, CancellationToken cancel)
    {
        var root = await response.Content.ReadFromJsonAsync<JsonElement>(Json, cancel);
        if (root.ValueKind != JsonValueKind.Object) throw new JsonException($"an object expected, {root.ValueKind} came");
        if (root.TryGetProperty("refusal", out var refusal) && refusal.ValueKind == JsonValueKind.Object) throw Refused(refusal);
        if (!response.IsSuccessStatusCode)
            throw root.TryGetProperty("code", out _) ? Refused(root) : new HttpRequestException($"status {(int)response.StatusCode}");
        return root.Deserialize<TReply>(Json) ?? throw new JsonException("null came");
    }

    private static RefusedException Refused(JsonElement body) =>
        body.Deserialize<RefusalBody>(Json) is { Code: not null } refusal ? new RefusedException(refusal.ToRefusal())
            : throw new JsonException("a refusal without a code");

    private static int Milliseconds(TimeSpan span) => (int)span.TotalMilliseconds;
}
