import "../../../alerts.css";
import { m } from "@/messages/gen/messages.js";
import { Button } from "@/parts/Button";
import { useAlertChannels, useAlerts } from "@/state/alerts";
import { sentence } from "@/state/sentences";
import { ChannelsForm } from "./ChannelsForm";
import { Firing } from "./Firing";
import { History } from "./History";
import { Rules } from "./Rules";

export default function AlertsTab() {
  const alerts = useAlerts();
  const channels = useAlertChannels();
  const error = alerts.data ? channels.error : alerts.error;
  return (
    <div className="alerts">
      {(alerts.isPending || channels.isPending) && <p role="status">{m.loading()}</p>}
      {error && (
        <div role="alert" className="trouble">
          <p>{sentence(error)}</p>
          <Button
            onClick={() => {
              void alerts.refetch();
              void channels.refetch();
            }}
          >
            {m.try_again()}
          </Button>
        </div>
      )}
      {alerts.data && (
        <>
          <Firing alerts={alerts.data.firing} metrics={alerts.data.metrics} />
          <Rules board={alerts.data} />
        </>
      )}
      {channels.data && <ChannelsForm kept={channels.data} />}
      {alerts.data && <History alerts={alerts.data.history} metrics={alerts.data.metrics} />}
    </div>
  );
}
