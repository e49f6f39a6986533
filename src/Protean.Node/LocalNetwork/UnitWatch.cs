using System.Net.Http.Json;
using System.Text.Json;
using Protean.Membership;
using Protean.Node.Api;

namespace Protean.Node.LocalNetwork;

/// <summary>Watches, over the nodes' API, a unit come up: its members answer, its keys are generated, and it seals a height made after the start.</summary>
internal sealed class UnitWatch(HttpClient http, UnitEntry unit, IReadOnlyList<Uri> members, Action<string> say)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly ulong _begun = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private string _said = "";

    /// <exception cref="RefusedException">A member halted, or the unit is not up in time.</exception>
    public async Task UntilUp(TimeSpan patience, CancellationToken cancel)
    {
        for (var start = Environment.TickCount64; !await IsUp(cancel);)
        {
            if (Environment.TickCount64 - start > patience.TotalMilliseconds) throw new RefusedException(LocalRefusals.NotUp(unit.Class, _said));
            await Task.Delay(Pause, cancel);
        }
    }

    private async Task<bool> IsUp(CancellationToken cancel)
    {
        var found = await Task.WhenAll(members.Select(member => Status(member, cancel)));
        StatusMessage[] answers = [.. found.OfType<StatusMessage>()];
        if (answers.FirstOrDefault(static answer => answer.Halted is not null) is { Halted: { } halted }) throw new RefusedException(halted);
        if (answers.Length < members.Count) return NotYet($"members {answers.Length}/{members.Count}");
        var ready = answers.Count(static answer => answer.Keys.All(static key => key.Ready));
        if (answers.Any(static answer => answer.Keys.Count > 0)) Say($"key generation {ready}/{members.Count}");
        if (ready < members.Count || await Height(members[0], cancel) is not { } height) return false;
        Say($"up, height {height}");
        return true;
    }

    private bool NotYet(string what)
    {
        Say(what);
        return false;
    }

    private void Say(string what)
    {
        if (_said != what) say($"{unit.Class,-12}{what}");
        _said = what;
    }

    private Task<StatusMessage?> Status(Uri member, CancellationToken cancel) => Get<StatusMessage>(new Uri(member, $"v1/units/{unit.UnitId}/status"), cancel);

    // A height of now: an idle unit is made to order, execute and seal an empty block, which is what being up means.
    private async Task<ulong?> Height(Uri member, CancellationToken cancel)
    {
        if (await Get<HeadMessage>(new Uri(member, $"v1/units/{unit.UnitId}/head?minTimeMs={_begun}&waitMs=5000"), cancel) is null) return null;
        return (await Status(member, cancel))?.SealedHeight;
    }

    // Not there yet, or busy: what counts is whether it comes in time.
    private async Task<T?> Get<T>(Uri address, CancellationToken cancel) where T : class
    {
        try
        {
            return await http.GetFromJsonAsync<T>(address, Json, cancel);
        }
        catch (Exception failed) when (failed is HttpRequestException or JsonException || (failed is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }
}
