using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Protean.Client;
using Protean.Client.Api;
using Protean.Codec;
using Xunit;

namespace Protean.Tests.EndToEnd;

/// <summary>What operators see of refused requests.</summary>
[Collection(OnALiveNetwork.Name)]
public sealed class RefusalMetricTests(LiveNetwork live) : LiveTests(live)
{
    [Fact]
    public async Task Refused_requests_are_counted_by_unit_and_code()
    {
        var counted = new ConcurrentBag<(string? Unit, string? Code)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument is { Meter.Name: "Protean.Node", Name: "protean.refusals" }) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Add((Tag(tags, "unit"), Tag(tags, "code"))));
        listener.Start();
        using var http = new HttpClient();
        var member = new NodeApi(http, Live.MembersOf(Live.StateUnit)[0].Local.Api);
        var refused = await Assert.ThrowsAsync<RefusedException>(() =>
            member.Submit(Live.StateUnit, Bytes.Of("garbage"), TimeSpan.Zero, Cancel));
        Assert.Equal("PRT-RUN-0001", refused.Refusal.Code);
        Assert.Contains(("state", "PRT-RUN-0001"), counted);
    }

    private static string? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var tag in tags)
            if (tag.Key == name) return (string?)tag.Value;
        return null;
    }
}
