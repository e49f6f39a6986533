using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using Protean.Membership;

namespace Protean.Node.Api;

/// <summary>What a node measures of its units, by OpenTelemetry's conventions. Exported over OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
internal static class Telemetry
{
    public const string MeterName = "Protean.Node", EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Requests = Meter.CreateCounter<long>("protean.requests", "{request}", "Requests answered, by unit and outcome.");
    private static readonly Histogram<double> Latency = Meter.CreateHistogram<double>("protean.request.duration", "s", "From a request's arrival to its answer.");
    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>("protean.refusals", "{request}", "Requests refused, by unit and code.");
    private static readonly Counter<long> Seals = Meter.CreateCounter<long>("protean.seals", "{block}", "Sealed heights seen, by unit.");

    /// <param name="outcome"><c>done</c>, <c>refused</c> or <c>waiting</c>.</param>
    public static void Answered(UnitEntry unit, string outcome, TimeSpan after)
    {
        KeyValuePair<string, object?>[] tags = [new("unit", unit.Class), new("outcome", outcome)];
        Requests.Add(1, tags);
        Latency.Record(after.TotalSeconds, tags);
    }

    /// <summary>A request was refused; the codes are those of docs/errors.md.</summary>
    public static void Refused(UnitEntry unit, string code) =>
        Refusals.Add(1, new KeyValuePair<string, object?>("unit", unit.Class), new KeyValuePair<string, object?>("code", code));

    public static void Sealed(UnitEntry unit) => Seals.Add(1, new KeyValuePair<string, object?>("unit", unit.Class));

    public static void Export(IServiceCollection services)
    {
        if (Environment.GetEnvironmentVariable(EndpointVariable) is null) return;
        services.AddOpenTelemetry().WithMetrics(static metrics => metrics.AddMeter(MeterName).AddOtlpExporter());
    }
}
